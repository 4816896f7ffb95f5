"""The folders that settings choose, in a checkout and outside."""

from pathlib import Path

import platformdirs
import pytest

from searcher.config import folders, writable_folders
from searcher.config.settings import Settings
from searcher.config.writable_folders import copy_shipped, use_writable_folders


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a model; it can be written by the owner of the tests."""
    root = tmp_path / "project"
    (root / "models").mkdir(parents=True)
    (root / "models" / "net.onnx").write_bytes(b"a model")
    (root / "app.py").touch()
    monkeypatch.setattr(folders, "ROOT", root)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return root


def test_folders_that_can_be_written_stay(project: Path) -> None:
    env: dict[str, str] = {}
    settings = Settings.from_env({})
    assert use_writable_folders(settings, env) == settings
    assert env == {}
    assert list((project / "data").iterdir()) == []


def test_what_somebody_has_chosen_stays(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = Settings.from_env(
        {"TWINLENS_DATA": str(tmp_path / "file"), "MODELS_DIR": str(tmp_path / "file")}
    )
    assert use_writable_folders(settings, {}) == settings


def test_otherwise_a_temporary_folder_is_used(project: Path, tmp_path: Path) -> None:
    (project / "data").write_text("a file, where no folder can be made")
    env = {"KERAS_HOME": "/weights"}
    settings = use_writable_folders(Settings.from_env({}), env)
    assert settings.data.parent == tmp_path
    assert settings.data.name.startswith("twinlens-")
    assert settings.models_dir == project / "models"
    assert env == {
        "KERAS_HOME": "/weights",
        "GRADIO_TEMP_DIR": str(settings.data / "incoming"),
    }


def test_outside_a_checkout_all_lies_in_the_users_data_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "app.py").unlink()
    shipped = tmp_path / "shipped"
    (shipped / "sample_images" / "cacti").mkdir(parents=True)
    (shipped / "sample_images" / "cacti" / "01.jpg").write_text("shipped")
    monkeypatch.setattr(writable_folders, "PACKAGE_DATA", shipped)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "user")
    monkeypatch.chdir(tmp_path)
    choices = Settings.from_env({"TWINLENS_DATA": "here", "MODELS_DIR": "mine"})
    assert (choices.data, choices.models_dir) == (tmp_path / "here", tmp_path / "mine")
    settings = use_writable_folders(Settings.from_env({}), {})
    assert settings.data == tmp_path / "user" / "data"
    assert settings.models_dir.parent == tmp_path / "user"
    assert (settings.samples_dir / "cacti" / "01.jpg").read_text() == "shipped"
    # What somebody removed there stays away.
    (settings.samples_dir / "cacti" / "01.jpg").unlink()
    copy_shipped(settings)
    assert not list((settings.samples_dir / "cacti").iterdir())
    assert not list((tmp_path / "user").glob(".*"))
