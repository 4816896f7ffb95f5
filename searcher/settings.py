"""Every environment variable, read in one place."""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from searcher.errors import TwinlensError

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = "efficientnet_lite0 efficientnet_lite2 resnet50 vgg16"  # on first start


@dataclass(frozen=True)
class Settings:
    """The whole configuration. Paths are absolute; see the table in README.md."""

    data: Path
    models_dir: Path
    samples_dir: Path
    milvus_uri: str | None
    milvus_token: str | None
    redis_url: str | None
    host: str
    port: int
    read_only: bool
    max_upload_mb: int
    model_cache: int
    install: tuple[str, ...]
    space: str | None
    mcp: bool
    auth: tuple[tuple[str, str], ...] = field(repr=False)  # names and passwords
    rate_limit: int

    @property
    def thumbnails(self) -> Path:
        """Folder of the WebP thumbnails, the only pictures that the server hands out."""
        return self.data / "thumbs"

    @property
    def uploads(self) -> Path:
        """Folder of the pictures that came through the page, re-encoded."""
        return self.data / "uploads"

    @property
    def stores(self) -> Path:
        """Folder of the embedded Milvus Lite and Redis."""
        return self.data / "stores"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; unset and empty variables take their defaults.

        Raises TwinlensError where a value makes no sense.
        """
        space = env.get("SPACE_ID") or None
        on_spaces = space is not None
        return cls(
            data=_folder(env, "TWINLENS_DATA", "data"),
            models_dir=_folder(env, "MODELS_DIR", "models"),
            samples_dir=_folder(env, "SAMPLES_DIR", "sample_images"),
            milvus_uri=env.get("MILVUS_URI") or None,
            milvus_token=env.get("MILVUS_TOKEN") or None,
            redis_url=env.get("REDIS_URL") or None,
            host=env.get("GRADIO_SERVER_NAME") or ("0.0.0.0" if on_spaces else "127.0.0.1"),
            port=_integer(
                env, "PORT", _integer(env, "GRADIO_SERVER_PORT", 7860, 0, 65535), 0, 65535
            ),
            read_only=_flag(env, "READ_ONLY", on_spaces),
            max_upload_mb=_integer(env, "MAX_UPLOAD_MB", 20, 1, 2048),
            model_cache=_integer(env, "MODEL_CACHE", 3, 1, 100),
            install=_words(env, "INSTALL_MODELS", INSTALLED),
            space=space,
            mcp=_flag(env, "MCP", False),
            auth=_accounts(env, "AUTH"),
            rate_limit=_integer(env, "RATE_LIMIT", 60 if on_spaces else 0, 0, 1_000_000),
        )


def reach_loopback_directly(env: MutableMapping[str, str] = os.environ) -> None:
    """Keep a company's proxy out of what stays on this machine.

    gRPC (to the private Milvus) and Gradio's check of its own start honour http_proxy even for
    127.0.0.1, and a proxy can't reach that.
    """
    excepted = env.get("no_proxy") or env.get("NO_PROXY") or ""
    excepted = ",".join(filter(None, [excepted, "localhost", "127.0.0.1"]))
    env["no_proxy"] = env["NO_PROXY"] = excepted


def _folder(env: Mapping[str, str], name: str, default: str) -> Path:
    # Relative paths start at the project, so the command line and the app share one library
    # from wherever they are called.
    return (ROOT / Path(env.get(name) or default).expanduser()).resolve()


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.strip().isdecimal() or not low <= int(text) <= high:
        raise TwinlensError(f"{name} must be a whole number from {low} to {high}, not “{text}”.")
    return int(text)


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    text = env.get(name, "").strip().lower()
    if not text:
        return default
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise TwinlensError(f"{name} must be 1 or 0, not “{text}”.")
    return text in {"1", "true", "yes", "on"}


def _words(env: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    return tuple(env.get(name, default).replace(",", " ").split())


def _accounts(env: Mapping[str, str], name: str) -> tuple[tuple[str, str], ...]:
    """Names and passwords: `name:password`, several with commas, or one a line in @FILE."""
    text = env.get(name, "").strip()
    entries = text.split(",")
    if text.startswith("@"):
        try:
            entries = (ROOT / Path(text[1:]).expanduser()).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise TwinlensError(f"The file that {name} names can't be read: {error}.") from error
    pairs = [entry.strip().partition(":") for entry in entries if entry.strip()]
    if any(not user or not password for user, _, password in pairs):
        raise TwinlensError(f"Every entry of {name} must be like user:password.")
    if text and not pairs:
        raise TwinlensError(f"{name} names nobody: nobody could come in.")
    return tuple((user, password) for user, _, password in pairs)
