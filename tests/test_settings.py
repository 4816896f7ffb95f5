"""Settings from environment variables, and errors for wrong values."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from searcher.config import env_file, http_proxies
from searcher.config.folders import ROOT
from searcher.config.http_proxies import prepare_proxies
from searcher.config.settings import Settings
from searcher.errors import TwinlensError


def test_defaults_lie_in_the_project_and_stay_private() -> None:
    settings = Settings.from_env({})
    assert settings.data == ROOT / "data"
    assert settings.models_dir == ROOT / "models"
    assert settings.samples_dir == ROOT / "sample_images"
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.milvus_uri is settings.redis_url is settings.milvus_token is None
    assert not settings.read_only
    networks = "words efficientnet_lite0 efficientnet_lite2 resnet50 vgg16"
    assert settings.install == tuple(networks.split())


def test_on_spaces_all_visitors_may_look_and_none_may_change() -> None:
    settings = Settings.from_env({"SPACE_ID": "someone/twinlens", "GRADIO_SERVER_PORT": "7861"})
    assert (settings.host, settings.port, settings.read_only) == ("0.0.0.0", 7861, True)


def test_the_source_is_where_the_settings_say() -> None:
    assert Settings.from_env({}).source_url is None
    space = Settings.from_env({"SPACE_ID": "someone/twinlens"})
    assert space.source_url == "https://huggingface.co/spaces/someone/twinlens/tree/main"
    own = {"SPACE_ID": "a/b", "SOURCE_URL": "https://example.org/twinlens"}
    assert Settings.from_env(own).source_url == "https://example.org/twinlens"
    with pytest.raises(TwinlensError, match="SOURCE_URL must begin with https://"):
        Settings.from_env({"SOURCE_URL": "javascript:alert(1)"})


def test_what_is_set_wins() -> None:
    env = {
        "TWINLENS_DATA": "/srv/library",
        "MODELS_DIR": "more",
        "PORT": "8000",
        "GRADIO_SERVER_PORT": "7861",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "MILVUS_URI": "http://milvus:19530",
        "REDIS_URL": "rediss://redis/1",
        "READ_ONLY": "yes",
        "INSTALL_MODELS": "vgg16",
    }
    settings = Settings.from_env(env)
    assert settings.data == Path("/srv/library")
    assert settings.models_dir == ROOT / "more"
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.milvus_uri == "http://milvus:19530"
    assert settings.redis_url == "rediss://redis/1"
    assert settings.read_only
    assert settings.install == ("vgg16",)


def test_empty_is_as_good_as_unset() -> None:
    assert Settings.from_env({"PORT": "", "MILVUS_URI": "", "READ_ONLY": ""}) == (
        Settings.from_env({})
    )


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_a_proxy_is_not_asked_for_this_machine(variable: str) -> None:
    env = {variable: "intranet"}
    prepare_proxies(env)
    names = ("no_proxy", "NO_PROXY", "no_grpc_proxy")
    assert env == dict.fromkeys(names, "intranet,localhost,127.0.0.1,::1")
    env = {}
    prepare_proxies(env)
    assert env["no_proxy"] == "localhost,127.0.0.1,::1"


def test_exceptions_from_proxies_are_those_that_each_client_can_parse() -> None:
    env = {"NO_PROXY": "[::1],fd00::/8 [fe80::2]:80;a:b,x:80", "http_proxy": " proxy:3128\n"}
    prepare_proxies(env, host="fe80::9")
    assert env["http_proxy"] == "http://proxy:3128"
    assert env["no_proxy"] == "::1,fe80::2,x:80,localhost,127.0.0.1,fe80::9"
    grpc = "::1,fd00::/8,fe80::2,a:b,x:80,localhost,127.0.0.1,fe80::9"
    assert env["no_grpc_proxy"] == grpc


def test_a_socks_proxy_is_used_or_its_package_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gnome's settings call version 5 `socks`."""
    monkeypatch.setattr(http_proxies, "find_spec", lambda name: name)
    env = {"ALL_PROXY": "socks://127.0.0.1:1080/"}
    prepare_proxies(env)
    assert env["ALL_PROXY"] == "socks5://127.0.0.1:1080/"
    monkeypatch.setattr(http_proxies, "find_spec", lambda name: None)
    with pytest.raises(TwinlensError, match=r"^ALL_PROXY is a SOCKS proxy, .* pip install socksio"):
        prepare_proxies(env)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PORT", "http", "a whole number from 0 to 65535"),
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("MODEL_CACHE", "0", "a whole number from 1 to 100"),
        ("MAX_UPLOAD_MB", "-1", "a whole number from 1 to 2048"),
        ("READ_ONLY", "maybe", "1 or 0"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, text: str, expected: str) -> None:
    with pytest.raises(TwinlensError) as caught:
        Settings.from_env({name: text})
    assert str(caught.value) == f"{name} must be {expected}, not “{text}”."


def test_the_port_that_counts_is_the_one_that_is_named() -> None:
    assert Settings.from_env({"PORT": "", "GRADIO_SERVER_PORT": "8001"}).port == 8001
    with pytest.raises(TwinlensError, match=r"^GRADIO_SERVER_PORT must be a whole number"):
        Settings.from_env({"GRADIO_SERVER_PORT": "http"})


def test_empty_lists_are_a_choice_and_empty_values_none() -> None:
    space = {"SPACE_ID": "a/b", "RATE_LIMIT": "", "READ_ONLY": " "}
    settings = Settings.from_env(
        space | {"TRUSTED_PROXIES": "", "FRAME_ANCESTORS": "", "INSTALL_MODELS": ""}
    )
    assert (settings.rate_limit, settings.read_only) == (60, True)
    assert settings.trusted_proxies == settings.frame_ancestors == settings.install == ()


def test_passwords_are_not_printed() -> None:
    secret = {"AUTH": "ada:secret", "REDIS_URL": "redis://:secret@x", "MILVUS_TOKEN": "secret"}
    assert "secret" not in repr(Settings.from_env(secret))


def test_who_may_ask_and_by_which_way() -> None:
    settings = Settings.from_env({})
    assert settings.allow_urls
    assert (settings.allowed_hosts, settings.trusted_proxies, settings.frame_ancestors) == (
        (),
        (),
        (),
    )
    assert not Settings.from_env({"READ_ONLY": "1"}).allow_urls
    assert Settings.from_env({"READ_ONLY": "1", "ALLOW_URLS": "1"}).allow_urls
    env = {"ALLOWED_HOSTS": "Pictures.example, other", "TRUSTED_PROXIES": "10.0.0.1 fd00::/8"}
    named = Settings.from_env(env)
    assert named.allowed_hosts == ("pictures.example", "other")
    assert [str(network) for network in named.trusted_proxies] == ["10.0.0.1/32", "fd00::/8"]
    space = Settings.from_env({"SPACE_ID": "a/b", "SPACE_HOST": "a-b.hf.space"})
    assert (space.allow_urls, space.space_host) == (False, "a-b.hf.space")
    assert ip_address("10.20.0.1") in space.trusted_proxies[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_checkout_may_have_a_file_of_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(env_file, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "0")
    monkeypatch.setenv("MODEL_CACHE", "5")
    for name in ("SOURCE_URL", "LOG_LEVEL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    text = "SOURCE_URL=https://größe.example\nLOG_LEVEL=info # chatty\nMODEL_CACHE=9\n"
    (tmp_path / ".env").write_text(text, encoding)
    env_file.read_env_file()
    settings = Settings.from_env()
    assert settings.source_url == "https://größe.example"
    assert (settings.log_level, settings.model_cache) == ("info", 5)


def test_a_file_of_variables_that_is_no_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(env_file, "ROOT", tmp_path)
    (tmp_path / ".env").write_bytes(b"PORT=\xff")
    with pytest.raises(TwinlensError, match=r"^\.env is not UTF-8 text"):
        env_file.read_env_file()
