"""Errors as programs, pages and HTTP clients get them: with their code, translated."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.block_function import BlockFunction
from gradio.context import LocalContext
from gradio.events import api as add_endpoint
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from searcher.errors import InvalidRequest
from searcher.library.core import Library
from searcher.messages.message import Message, message
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.refusals import CODE_HEADER, http_error
from searcher.ui.security import full_disk
from searcher.ui.security.guarded_blocks import GuardedBlocks
from tests.parameters import MakeSettings
from tests.pictures import encode, paint
from tests.servers import App, wait_apart

SPANISH = {"accept-language": "es-ES,es;q=0.9"}


@pytest.mark.parametrize("headers", [{}, SPANISH])
def test_api_errors_have_their_code_as_title(app: App, headers: dict[str, str]) -> None:
    client = Client(app.url, verbose=False, headers=headers)
    sentences = {
        "request.picture_id": (
            "That is not the id of a picture.",
            "Eso no es el id de una imagen.",
        ),
        "picture.gone": (
            "This picture is not in the library any more.",
            "Esta imagen ya no está en la biblioteca.",
        ),
    }
    for value, code in (("x", "request.picture_id"), (4711, "picture.gone")):
        with pytest.raises(AppError) as caught:
            client.predict(value, api_name="/picture")
        assert caught.value.title == code
        assert caught.value.message == sentences[code][bool(headers)]


def test_the_name_of_a_file_stands_in_the_sentence(app: App, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(encode(paint(1))[:900])
    client = Client(app.url, verbose=False, headers=SPANISH)
    with pytest.raises(AppError) as caught:
        file = handle_file(str(tmp_path / "holiday.jpg"))
        client.predict(file, "colour", 1, api_name="/search")
    assert caught.value.title == "picture.damaged"
    assert caught.value.message == (
        "holiday.jpg está dañado o incompleto y no se puede decodificar."
    )


def test_a_call_by_plain_http_has_the_code_too(app: App) -> None:
    with httpx.Client(base_url=f"{app.url}/gradio_api", headers=SPANISH, timeout=60) as client:
        event = client.post("/call/picture", json={"data": ["x"]}).json()["event_id"]
        answer = client.get(f"/call/picture/{event}").text
    kind, _, data = answer.partition("\ndata: ")
    assert kind == "event: error"
    document = json.loads(data)
    assert document["title"] == "request.picture_id"
    assert document["error"] == "Eso no es el id de una imagen."


Ask = Callable[[httpx.Client], httpx.Response]
REFUSALS: list[tuple[int, str, str, Ask]] = [
    (404, "http.not_found", "Aquí no hay nada.", lambda c: c.get("/nothing")),
    (
        403,
        "http.foreign_page",
        "La página de otro sitio no puede preguntar a esta aplicación.",
        lambda c: c.get("/config", headers={"origin": "http://evil.example"}),
    ),
    (
        403,
        "http.foreign_file",
        "Aquí no se pueden obtener archivos de otros sitios.",
        lambda c: c.get("/gradio_api/file=http://evil.example/x.png"),
    ),
    (
        413,
        "http.body_too_long",
        "Esto supera los 4 MB que se pueden enviar aquí.",
        lambda c: c.post("/gradio_api/queue/join", content=b" " * (5 * 2**20)),
    ),
    (
        414,
        "http.address_too_long",
        "Esta dirección es demasiado larga.",
        lambda c: c.get("/config?" + "x" * 9000),
    ),
    (
        400,
        "call.json",
        "Esta llamada no es JSON que se pueda leer.",
        lambda c: c.post("/gradio_api/queue/join", content=b"{"),
    ),
    (
        404,
        "call.forgotten",
        "No se pidió nada con este nombre, o no hace poco.",
        lambda c: c.get("/gradio_api/queue/data?session_hash=nobody"),
    ),
]


@pytest.mark.parametrize(("status", "code", "sentence", "ask"), REFUSALS)
def test_http_answers_have_the_code_and_the_language(
    app: App, status: int, code: str, sentence: str, ask: Ask
) -> None:
    with httpx.Client(base_url=app.url, headers=SPANISH, timeout=60) as client:
        answer = ask(client)
    assert answer.status_code == status
    assert answer.json() == {"detail": sentence, "code": code}


def test_an_upload_that_cant_be_read_has_the_code_in_a_header(app: App) -> None:
    kind = {"content-type": "multipart/form-data; boundary=x"}
    answer = httpx.post(
        f"{app.url}/gradio_api/upload", content=b"--x\r\n", headers=SPANISH | kind, timeout=60
    )
    assert answer.status_code == 400
    assert (answer.headers[CODE_HEADER], answer.text) == (
        "upload.cut_off",
        "La subida se cortó: envíala de nuevo.",
    )


def test_a_full_disk_is_told_in_the_language(caplog: pytest.LogCaptureFixture) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", b"es")]})
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    response = wait_apart(full_disk.answer(request, full))
    assert response.status_code == 507
    assert response.headers[CODE_HEADER] == "disk.full"
    sentence = "El disco está lleno. Libera espacio; el trabajo seguirá solo."
    assert bytes(response.body).decode() == sentence
    with pytest.raises(OSError, match="closed"):
        wait_apart(full_disk.answer(request, OSError(errno.EACCES, "closed")))


def test_wrong_logins_are_told_in_the_language() -> None:
    async def ask() -> HTTPException:
        LocalContext.request.set(
            gr.Request(Request({"type": "http", "headers": [(b"accept-language", b"es")]}))
        )
        return http_error(429, message("rate.logins", wait=8))

    error = wait_apart(ask())
    assert error.detail == "Demasiados accesos fallidos: inténtalo de nuevo en 8 s."
    assert error.headers == {CODE_HEADER: "rate.logins"}


def test_a_page_gets_a_title_and_a_program_the_code() -> None:
    @show_errors
    def refuse() -> None:
        raise InvalidRequest("setting.flag", name="<b>", text="2")

    with GuardedBlocks(analytics_enabled=False) as page:
        add_endpoint(refuse, api_name="refuse")
        add_endpoint(refuse, api_name="private", api_visibility="private")
    request = gr.Request(Request({"type": "http", "headers": [(b"accept-language", b"es")]}))

    async def call(function: BlockFunction) -> None:
        LocalContext.request.set(request)
        await page.process_api(function, [], request=request)

    answers: list[Any] = []
    for function in page.fns.values():
        with pytest.raises(gr.Error) as caught:
            wait_apart(call(function))
        answers.append((caught.value.title, caught.value.message))
    assert answers == [
        ("setting.flag", "<b> debe ser 1 o 0, no «2»."),
        ("No se pudo", "&lt;b&gt; debe ser 1 o 0, no «2»."),
    ]


OLD = "VGG16 could not be converted; the log says why."


@pytest.mark.parametrize(
    ("reason_text", "code", "sentence"),
    [
        (OLD, "verbatim", OLD),
        ("weights", "install.no_weights", "VGG16 is not installed because the ImageNet weights"),
        ('{"code": "install.starting", "params": {}}', "install.starting", "starting"),
        ("", "", ""),
    ],
)
def test_what_earlier_versions_kept_of_an_installation_is_shown(
    make_settings: MakeSettings, reason_text: str, code: str, sentence: str
) -> None:
    library = Library(make_settings())
    try:
        library.records.note("install:vgg16", {"state": "failed", "reason": reason_text})
        reason = next(m for m in library.models() if m.name == "vgg16").reason
        assert (reason.code if reason else "") == code
        assert str(reason or "").startswith(sentence)
        assert [str(problem) for problem in library.installs.problems()] == (
            [str(reason)] if reason else []
        )
        stage = message("hub.downloading", done=3, total=90)
        library.installs.advance("vgg16", stage)
        assert next(m for m in library.models() if m.name == "vgg16").reason == stage
        assert isinstance(stage, Message)
    finally:
        library.close()
