"""Login and security headers, over HTTP and in a browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AuthenticationError
from playwright.sync_api import Browser, expect

from searcher.config.settings import Settings
from searcher.errors import TwinlensError
from searcher.ui.api.endpoints import example
from searcher.ui.security.access import login, security_headers
from tests.browsing import WAIT_MS, visiting
from tests.servers import App, free_port, running, wait_for

POLICY = "content-security-policy"
EVERYWHERE = ("/", "/config", "/gradio_api/info", "/theme.css", "/no-such-page")


@pytest.fixture(scope="module")
def locked(app: App, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that asks for a name and a password, on the library of the session's app."""
    client = Client(app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24, what="the samples")
    locations = {
        "TWINLENS_DATA": str(home / "data"),
        "MODELS_DIR": str(home / "models"),
        "SAMPLES_DIR": str(home / "samples"),
    }
    folder = tmp_path_factory.mktemp("locked")
    (folder / "people").write_text("ada:dif:ference\n\nzoë:naïve, really\n")
    with running(folder, AUTH=f"@{folder / 'people'}", **locations) as locked:
        yield locked


def test_accounts_are_read() -> None:
    settings = Settings.from_env({"AUTH": "ada:dif:ference, bob:x"})
    assert settings.auth == (("ada", "dif:ference"), ("bob", "x"))
    assert "ference" not in repr(settings)
    assert Settings.from_env({}).auth == ()


@pytest.mark.parametrize("text", ["ada", "ada:", ":secret", "ada:x,secret", ",", "@no/such/file"])
def test_accounts_that_make_no_sense_are_refused_unseen(text: str) -> None:
    with pytest.raises(TwinlensError, match="AUTH") as caught:
        Settings.from_env({"AUTH": text})
    assert "secret" not in str(caught.value)


def test_only_the_right_pair_comes_in() -> None:
    check = login([("ada", "one"), ("bob", "two")])
    assert check("ada", "one")
    assert check("bob", "two")
    for pair in (("ada", "two"), ("ada", ""), ("", ""), ("adao", "ne"), ("Ada", "one")):
        assert not check(*pair)


def test_nothing_is_served_without_login(locked: App, home: Path) -> None:
    page = httpx.get(locked.url)
    assert "Which embedding model" not in page.text
    thumbnail = next((home / "data" / "thumbs").rglob("*.jpg")).relative_to(home / "data")
    for path in ("config", "gradio_api/info", f"gradio_api/file={thumbnail}"):
        assert httpx.get(f"{locked.url}/{path}").status_code == 401, path
    for path in ("upload", "call/models", "run/models", "api/models", "queue/join"):
        reply = httpx.post(f"{locked.url}/gradio_api/{path}", json={"data": []})
        assert reply.status_code == 401, path
    with pytest.raises(AuthenticationError):
        Client(locked.url, verbose=False)
    with pytest.raises(ValueError, match="Could not login"):
        Client(locked.url, verbose=False, auth=("ada", "wrong"))


@pytest.mark.parametrize("account", [("ada", "dif:ference"), ("zoë", "naïve, really")])
def test_programs_come_in(locked: App, home: Path, account: tuple[str, str]) -> None:
    client = Client(locked.url, verbose=False, auth=account)
    query = handle_file(str(home / "samples" / "a" / "a-1.jpg"))
    assert client.predict(query, "colour", 1, api_name="/search")["hits"][0]["name"] == "a-1.jpg"


def test_the_pages_example_says_how() -> None:
    program = example(Settings.from_env({"AUTH": "ada:secret", "PORT": "8001"}))
    assert 'Client("http://localhost:8001", auth=("NAME", "PASSWORD"))' in program
    assert "secret" not in program
    program = example(Settings.from_env({"SPACE_ID": "someone/twinlens"}))
    assert 'Client("someone/twinlens")' in program


def test_a_browser_comes_in(locked: App, browser: Browser) -> None:
    # Before the login the browser's console has an error for the refused page.
    context = browser.new_context()
    page = context.new_page()
    page.goto(locked.url)
    page.get_by_label("username").fill("ada")
    page.get_by_label("password").fill("dif:ference")
    page.get_by_role("button", name="Login").click()
    expect(page.get_by_role("tab", name="Search")).to_be_visible(timeout=WAIT_MS)
    context.close()


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_headers(app: App, path: str) -> None:
    headers = httpx.get(app.url + path).headers
    for name, value in security_headers(nonce="…").items():
        (header,) = headers.get_list(name)
        assert re.sub(r"'nonce-[\w-]{22}'", "'nonce-…'", header) == value
    assert "frame-ancestors 'self';" in headers["content-security-policy"] + ";"
    assert "huggingface" not in headers["content-security-policy"]


def test_scripts_are_known_by_a_nonce_of_each_answer(app: App) -> None:
    nonces = set()
    for _ in range(2):
        reply = httpx.get(app.url)
        (nonce,) = re.findall(r"'nonce-([\w-]{22})'", reply.headers["content-security-policy"])
        scripts = re.findall(r"<script\b[^>]*>", reply.text)
        assert len(scripts) > 3
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        nonces.add(nonce)
    assert len(nonces) == 2
    (allowed,) = re.findall(r"script-src ([^;]*)", httpx.get(app.url).headers[POLICY])
    assert "unsafe-inline" not in allowed


def test_spaces_may_frame_the_page() -> None:
    frames = Settings.from_env({"SPACE_ID": "someone/twinlens"}).frame_ancestors
    policy = security_headers(frames)["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://huggingface.co https://*.hf.space" in policy
    assert Settings.from_env({}).frame_ancestors == ()


def test_the_policy_holds_in_a_browser(app: App, browser: Browser) -> None:
    """The page works under it (or `visiting` fails), and what comes from elsewhere is refused."""
    with visiting(browser, app.url) as visit:
        page = visit.page
        expect(page.get_by_role("tab", name="Search")).to_be_visible(timeout=WAIT_MS)
        violations = page.evaluate(
            """(address) => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation",
                    (event) => resolve(event.effectiveDirective));
                const image = new Image();
                image.src = address;
            })""",
            f"http://127.0.0.1:{free_port()}/spy.png",
        )
        assert violations == "img-src"
        inline = page.evaluate(
            """() => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation",
                    (event) => resolve(event.effectiveDirective));
                const script = document.createElement("script");
                script.textContent = "window.intruder = true";
                document.head.append(script);
            })"""
        )
        assert inline == "script-src-elem"
        assert not page.evaluate("window.intruder")
        assert len(visit.errors) == 2  # Chromium reports what it has refused
        visit.errors.clear()
        visit.strangers.clear()
