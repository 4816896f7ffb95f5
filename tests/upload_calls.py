"""Uploads to a running app, and files that look as if they had been uploaded."""

import os
import secrets
import time
from pathlib import Path

import httpx

from tests.servers import App

MB = 2**20


def write_aged(path: Path, age_s: float, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def incoming(app: App) -> set[str]:
    """The names of the uploads in the incoming folder."""
    paths = (app.log.parent / "data" / "incoming").rglob("*")
    return {path.name for path in paths if path.is_file()}


def visitor() -> dict[str, str]:
    """The headers of a new visitor, as the proxy sends them."""
    return {"x-forwarded-for": ".".join(str(secrets.randbelow(200) + 1) for _ in range(4))}


def upload(
    app: App,
    headers: dict[str, str],
    size: int,
    name: str = "x.bin",
    field: str = "files",
    beginning: bytes = b"",
) -> httpx.Response:
    files = {field: (name, beginning + secrets.token_bytes(size))}
    return httpx.post(f"{app.url}/gradio_api/upload", files=files, headers=headers, timeout=60)
