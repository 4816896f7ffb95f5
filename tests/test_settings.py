from pathlib import Path

import pytest

from searcher.errors import TwinlensError
from searcher.settings import ROOT, Settings, reach_loopback_directly


def test_defaults_lie_in_the_project_and_stay_private() -> None:
    settings = Settings.from_env({})
    assert settings.data == ROOT / "data"
    assert settings.models_dir == ROOT / "models"
    assert settings.samples_dir == ROOT / "sample_images"
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.milvus_uri is settings.redis_url is settings.milvus_token is None
    assert not settings.read_only
    assert settings.install == ("efficientnet_lite0", "efficientnet_lite2", "resnet50", "vgg16")


def test_on_spaces_all_visitors_may_look_and_none_may_change() -> None:
    settings = Settings.from_env({"SPACE_ID": "someone/twinlens", "GRADIO_SERVER_PORT": "7861"})
    assert (settings.host, settings.port, settings.read_only) == ("0.0.0.0", 7861, True)


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
    reach_loopback_directly(env)
    assert env == dict.fromkeys(("no_proxy", "NO_PROXY"), "intranet,localhost,127.0.0.1")
    env = {}
    reach_loopback_directly(env)
    assert env["no_proxy"] == "localhost,127.0.0.1"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("MODEL_CACHE", "0"),
        ("MAX_UPLOAD_MB", "-1"),
        ("READ_ONLY", "maybe"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, text: str) -> None:
    with pytest.raises(TwinlensError, match=name):
        Settings.from_env({name: text})
