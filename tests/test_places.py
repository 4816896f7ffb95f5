from pathlib import Path

import pytest

from searcher import places
from searcher.places import make_places
from searcher.settings import Settings


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a model; it can be written by the owner of the tests."""
    root = tmp_path / "project"
    (root / "models").mkdir(parents=True)
    (root / "models" / "net.onnx").write_bytes(b"a model")
    monkeypatch.setattr("searcher.settings.ROOT", root)
    monkeypatch.setattr(places, "ROOT", root)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return root


def test_folders_that_can_be_written_stay(project: Path) -> None:
    env: dict[str, str] = {}
    settings = Settings.from_env({})
    assert make_places(settings, env) == settings
    assert env == {}
    assert list((project / "data").iterdir()) == []


def test_what_somebody_has_chosen_stays(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings.from_env(
        {"TWINLENS_DATA": str(tmp_path / "file"), "MODELS_DIR": str(tmp_path / "file")}
    )
    assert make_places(settings, {}) == settings


def test_otherwise_a_temporary_folder_is_used(project: Path, tmp_path: Path) -> None:
    (project / "data").write_text("a file, where no folder can be made")
    env = {"KERAS_HOME": "/weights"}
    settings = make_places(Settings.from_env({}), env)
    assert settings.data.parent == tmp_path
    assert settings.data.name.startswith("twinlens-")
    assert settings.models_dir == project / "models"
    assert env == {
        "KERAS_HOME": "/weights",
        "GRADIO_TEMP_DIR": str(settings.data / "incoming"),
    }
