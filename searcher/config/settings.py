"""Settings from environment variables."""

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, get_args

from annotated_types import Ge, Le
from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from searcher.config.folders import home
from searcher.config.setting_types import (
    Accounts,
    Folder,
    Host,
    Hosts,
    LogLevel,
    Megabytes,
    MilvusAddress,
    Networks,
    Origins,
    Port,
    PublicRoot,
    RedisAddress,
    Root,
    WebAddress,
    Words,
    networks,
    shown,
    words,
)
from searcher.errors import InvalidSetting
from searcher.memory import DEFAULT_MB

# On Spaces only the platform's proxy, which has one of these addresses, can reach the port.
PRIVATE_NETWORKS = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 ::1 fc00::/7"
SPACE_FILES = "https://huggingface.co/spaces/{}/tree/main"
SPACES_FRAMES = "https://huggingface.co https://*.hf.space"
# On first start.
INSTALLED = ("words", "efficientnet_lite0", "efficientnet_lite2", "resnet50", "vgg16")
# An empty value of these means an empty list; of all others, the default.
LISTS = {"INSTALL_MODELS", "TRUSTED_PROXIES", "FRAME_ANCESTORS"}
PORTS = ["PORT", "GRADIO_SERVER_PORT"]  # the first that is set is used


def _on_spaces(value: Any, elsewhere: Any) -> Callable[[dict[str, Any]], Any]:
    """Return a default that is `value` on Hugging Face Spaces."""
    return lambda data: value if data["space"] else elsewhere


def _mcp_by_default(data: dict[str, Any]) -> bool:
    """Whether this is a Space that can be an MCP server, which a login excludes."""
    return bool(data["space"]) and not data["auth"] and find_spec("mcp") is not None


class Settings(BaseSettings):
    """The whole configuration. Paths are absolute; see docs/configuration.md."""

    model_config = SettingsConfigDict(
        frozen=True,
        case_sensitive=True,
        enable_decoding=False,
        extra="ignore",
        validate_default=False,
    )

    # First, because the defaults of others depend on it.
    space: str | None = Field(None, alias="SPACE_ID")
    data: Folder = Field(alias="TWINLENS_DATA", default_factory=lambda: home() / "data")
    models_dir: Folder = Field(alias="MODELS_DIR", default_factory=lambda: home() / "models")
    samples_dir: Folder = Field(
        alias="SAMPLES_DIR", default_factory=lambda: home() / "sample_images"
    )
    hub_models: Words = Field((), alias="HUB_MODELS")
    kept: Folder | None = Field(None, alias="KEPT_DIR")
    milvus_uri: MilvusAddress | None = Field(None, alias="MILVUS_URI", repr=False)
    milvus_token: str | None = Field(None, alias="MILVUS_TOKEN", repr=False)
    redis_url: RedisAddress | None = Field(None, alias="REDIS_URL", repr=False)  # has a password
    host: Host = Field(
        alias="GRADIO_SERVER_NAME", default_factory=_on_spaces("0.0.0.0", "127.0.0.1")
    )
    port: Port = Field(7860, validation_alias=AliasChoices(*PORTS))
    read_only: bool = Field(alias="READ_ONLY", default_factory=_on_spaces(True, False))
    max_upload_mb: Annotated[int, Ge(1), Le(2048)] = Field(20, alias="MAX_UPLOAD_MB")
    max_model_mb: Annotated[int, Ge(1), Le(2048)] = Field(1024, alias="MAX_MODEL_MB")
    model_cache: Annotated[int, Ge(1), Le(100)] = Field(3, alias="MODEL_CACHE")
    memory_mb: Annotated[int, Ge(100), Le(1_000_000)] = Field(DEFAULT_MB, alias="MEMORY_MB")
    install: Words = Field(INSTALLED, alias="INSTALL_MODELS")
    metrics: bool = Field(False, alias="METRICS")
    share: bool = Field(False, alias="SHARE")
    auth: Accounts = Field((), alias="AUTH", repr=False)  # names and passwords
    mcp: bool = Field(alias="MCP", default_factory=_mcp_by_default)
    rate_limit: Annotated[int, Ge(0), Le(1_000_000)] = Field(
        alias="RATE_LIMIT", default_factory=_on_spaces(60, 0)
    )
    max_uploads_mb: Megabytes = Field(
        alias="MAX_UPLOADS_MB", default_factory=_on_spaces(1000, 4000)
    )
    visitor_uploads_mb: Megabytes = Field(
        alias="VISITOR_UPLOADS_MB", default_factory=_on_spaces(500, 0)
    )
    max_added_mb: Megabytes = Field(alias="MAX_ADDED_MB", default_factory=_on_spaces(1000, 0))
    allow_urls: bool = Field(alias="ALLOW_URLS", default_factory=lambda data: not data["read_only"])
    visitors_use_hf_token: bool = Field(False, alias="VISITORS_USE_HF_TOKEN")
    root: PublicRoot = Field(Root(), alias="ROOT_PATH")
    # Names without ports, in lower case.
    allowed_hosts: Hosts = Field((), alias="ALLOWED_HOSTS")
    trusted_proxies: Networks = Field(
        alias="TRUSTED_PROXIES", default_factory=_on_spaces(networks(PRIVATE_NETWORKS), ())
    )
    frame_ancestors: Origins = Field(
        alias="FRAME_ANCESTORS", default_factory=_on_spaces(words(SPACES_FRAMES), ())
    )
    log_level: LogLevel = Field("warning", alias="LOG_LEVEL")
    source_url: WebAddress | None = Field(
        alias="SOURCE_URL",
        default_factory=lambda data: SPACE_FILES.format(data["space"]) if data["space"] else None,
    )
    space_host: str | None = Field(None, alias="SPACE_HOST")

    @property
    def incoming(self) -> Path:
        """Folder of visitors' uploads until they are processed or deleted."""
        return self.data / "incoming"

    @property
    def thumbnails(self) -> Path:
        """Folder of the WebP thumbnails, the only pictures that the server sends."""
        return self.data / "thumbs"

    @property
    def uploads(self) -> Path:
        """Folder of the re-encoded pictures that came through the page or from data sets."""
        return self.data / "uploads"

    @property
    def sidecars(self) -> Path:
        """Folder of the sidecars: the records as files, one per picture."""
        return self.data / "records"

    @property
    def trash(self) -> Path:
        """Folder of removed pictures, deleted after a week."""
        return self.data / "trash"

    @property
    def stores(self) -> Path:
        """Folder of the embedded Milvus Lite and Redis."""
        return self.data / "stores"

    @property
    def proposals(self) -> Path:
        """Folder of networks that visitors bring, until they are accepted."""
        return self.data / "proposals"

    @property
    def verdicts(self) -> Path:
        """Folder of the results of checking model files, one JSON file per content hash."""
        return self.data / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read only the mapping that `from_env` was given."""
        return (init_settings,)

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; unset and empty variables have their defaults.

        Args:
            env: The variables by name.

        Raises:
            InvalidSetting: A value is invalid.
        """
        source = EnvSettingsSource(cls)
        source.env_vars = {
            name: value.strip() for name, value in env.items() if value.strip() or name in LISTS
        }
        if name := source.env_vars.get("GRADIO_ROOT_PATH"):
            source.env_vars = {"ROOT_PATH": name, **source.env_vars}
        if "SPACE_ID" not in source.env_vars:
            source.env_vars.pop("SPACE_HOST", None)
        try:
            settings = cls(**source())
        except ValidationError as error:
            raise cls._refusal(error, source.env_vars) from error
        # Milvus Lite and onnxruntime can't open others.
        for name, path in {
            "TWINLENS_DATA": settings.data,
            "MODELS_DIR": settings.models_dir,
        }.items():
            if str(path).encode("utf-8", "replace") != os.fsencode(path):
                raise InvalidSetting("setting.text", name=name)
        return settings

    @classmethod
    def _refusal(cls, error: ValidationError, env: Mapping[str, str | None]) -> InvalidSetting:
        """Return the error about the first invalid value."""
        name = str(error.errors()[0]["loc"][0])
        if name in PORTS:
            name = next(variable for variable in PORTS if variable in env)
        (field,) = [
            field
            for field in cls.model_fields.values()
            if name == field.alias or (field.alias is None and name in PORTS)
        ]
        text = shown(env[name] or "")
        if words := get_args(field.annotation):
            choices = ", ".join(words)
            return InvalidSetting("setting.choice", name=name, choices=choices, text=text)
        if limits := _limits(field.metadata):
            low, high = limits
            return InvalidSetting("setting.integer", name=name, low=low, high=high, text=text)
        if field.annotation is not bool:  # bytes that are no Unicode
            return InvalidSetting("setting.text", name=name)
        return InvalidSetting("setting.flag", name=name, text=text)


def _limits(metadata: list[Any]) -> tuple[Any, Any] | None:
    """Return the limits of an integer setting, None for other types."""
    low = next((limit.ge for limit in metadata if isinstance(limit, Ge)), None)
    high = next((limit.le for limit in metadata if isinstance(limit, Le)), None)
    return None if low is None or high is None else (low, high)
