"""Uploads to a running app: counted, within quotas, and swept away when nothing uses them."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from searcher.ui.security.upload_folder import RETENTION_S, SHORT_RETENTION_S
from tests.pictures import encode, folder, paint, save
from tests.servers import App, running, wait_for
from tests.upload_calls import MB, incoming, upload, visitor, write_aged


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[App]:
    """An app with narrow quotas behind a proxy, with left-over uploads in its folder."""
    home = tmp_path_factory.mktemp("quota")
    (home / "models").symlink_to(baselines)
    folder(home / "samples", {"a": 4, "b": 4})
    save(home / "samples" / "queries" / "example.jpg", 99)
    write_aged(home / "data" / "incoming" / "tmpleftover", RETENTION_S * 2)
    write_aged(home / "data" / "incoming" / ("a" * 64) / "old.png", RETENTION_S * 2)
    write_aged(home / "data" / "uploads" / "ab" / "other.bin", RETENTION_S * 2, size=MB + 1)
    variables = {
        "RATE_LIMIT": "5",
        "VISITOR_UPLOADS_MB": "3",
        "MAX_UPLOADS_MB": "8",
        "MAX_ADDED_MB": "1",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with running(home, **variables) as app:
        yield app


def test_left_over_uploads_are_swept_at_the_start_and_pictures_never(app: App) -> None:
    wait_for(lambda: not {"old.png", "tmpleftover"} & {*incoming(app)}, what="the sweep")
    wait_for(lambda: "example.jpg" in incoming(app), what="the example")
    assert (app.log.parent / "data" / "uploads" / "ab" / "other.bin").stat().st_size == MB + 1


def test_uploads_count_in_the_rate_limit(app: App) -> None:
    one = visitor()
    statuses = [upload(app, one, 10).status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert "try again in" in upload(app, one, 10).text
    assert upload(app, visitor(), 10).status_code == 200


def test_a_visitor_has_a_quota_for_the_day(app: App) -> None:
    one = visitor()
    assert upload(app, one, 2 * MB).status_code == 200
    refusal = upload(app, one, 2 * MB)
    assert refusal.status_code == 413
    assert refusal.text == "That is more than the 3 MB that each visitor may upload in a day."
    spanish = one | {"accept-language": "es"}
    assert upload(app, spanish, 2 * MB).text.startswith("Eso supera los 3 MB")
    assert upload(app, one, MB // 2).status_code == 200


def test_a_body_without_a_length_is_counted_as_it_comes(app: App) -> None:
    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="x"\r\n\r\n'
        for _ in range(64):
            yield bytes(MB // 16)
        yield b"\r\n--b--\r\n"

    before = incoming(app)
    headers = visitor() | {"content-type": "multipart/form-data; boundary=b"}
    response = httpx.post(f"{app.url}/gradio_api/upload", content=body(), headers=headers)
    assert (response.status_code, "3 MB" in response.text) == (413, True)
    assert incoming(app) == before


def test_all_together_have_a_quota(app: App) -> None:
    refusal = None
    for _ in range(6):
        response = upload(app, visitor(), 2 * MB)
        if response.status_code != 200:
            refusal = response
            break
    assert refusal is not None
    assert (refusal.status_code, "no room for uploads" in refusal.text) == (413, True)
    total = sum(
        path.stat().st_size
        for path in (app.log.parent / "data" / "incoming").rglob("*")
        if path.is_file()
    )
    assert total <= 8 * MB
    # Once they are older, they make room.
    for path in (app.log.parent / "data" / "incoming").glob("*/x.bin"):
        os.utime(path, (time.time() - SHORT_RETENTION_S - 60,) * 2)
    wait_for(lambda: upload(app, visitor(), 2 * MB).status_code == 200, what="room")


def test_uploads_that_are_cut_off_leave_nothing(app: App) -> None:
    before = incoming(app)
    port = int(app.url.rpartition(":")[2])
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="cut.jpg"\r\n\r\n'
    head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + part + bytes(300_000))
        wait_for(lambda: len(incoming(app)) > len(before), what="half a file")
    wait_for(lambda: incoming(app) == before, what="the end of half a file")
    headers = visitor() | {"content-type": "multipart/form-data; boundary=b"}
    for body in (part + bytes(1000), part[:-20], b"", b"--b", part + b"x\r\n--b\r\n"):
        url = f"{app.url}/gradio_api/upload"
        response = httpx.post(url, content=body, headers=headers)
        assert response.status_code == 400, (body[-20:], response.text)
        assert response.text
    assert incoming(app) == before
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/", "???", "a/../../b", "\\0", "x" * 4000, "é" * 300, "<img src=x>.jpg"],
)
def test_any_file_name_is_taken_or_refused(app: App, name: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="'
    body += name.replace("\\0", "\0").encode() + b'"\r\n\r\nabc\r\n--b--\r\n'
    for query in ("", "?upload_id=x"):
        response = httpx.post(
            f"{app.url}/gradio_api/upload{query}",
            content=body,
            headers=visitor() | {"content-type": "multipart/form-data; boundary=b"},
        )
        assert response.status_code in (200, 400), response.text
        if response.status_code == 200:
            (path,) = response.json()
            assert path.startswith("incoming/")
    assert "Traceback" not in app.log.read_text()


def test_what_is_no_form_of_files_is_refused(app: App) -> None:
    url = f"{app.url}/gradio_api/upload"
    form = "multipart/form-data; boundary=b"
    field = b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--\r\n'
    other = field.replace(b'"files"', b'"other"; filename="x"')
    bare = b"--b\r\nX: y\r\n\r\nx\r\n--b--\r\n"
    for kind, body in (
        (form, field),
        (form, other),
        (form, bare),
        (form, b"nonsense"),
        ("multipart/form-data", field),
        ("multipart/form-data; boundary=", field),
        ("multipart/form-data; boundary=b; charset=undefined", other),
        ("application/json", b"{}"),
        ("", b""),
    ):
        for query in ("", "?upload_id=x"):
            headers = visitor() | {"content-type": kind}
            response = httpx.post(url + query, content=body, headers=headers)
            assert response.status_code == 400, (kind, body, response.text)
    assert "Traceback" not in app.log.read_text()


def test_pictures_that_visitors_add_have_a_quota(app: App, tmp_path: Path) -> None:
    new = tmp_path / "new.png"
    new.write_bytes(encode(paint(7), "PNG"))
    client = Client(app.url, verbose=False, headers=visitor())
    with pytest.raises(AppError, match="may take 1 MB in all"):
        client.predict([handle_file(str(new))], "a", api_name="/add")
    (app.log.parent / "data" / "uploads" / "ab" / "other.bin").write_bytes(b"x")
    report = client.predict([handle_file(str(new))], "a", api_name="/add")
    assert report["added"] == 1
