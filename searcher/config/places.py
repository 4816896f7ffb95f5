"""Folders that can be written, wherever the program lies: a checkout, a wheel, a container."""

import logging
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

from searcher.config.folders import SHIPPED, home, is_checkout
from searcher.config.settings import Settings
from searcher.files import part_of

log = logging.getLogger(__name__)


def make_places(settings: Settings, env: MutableMapping[str, str] = os.environ) -> Settings:
    """Return settings whose folders can be written where nobody has chosen other ones.

    Where the default `data/` can't be, a new temporary folder takes its place, also for what
    Gradio and Keras keep; it is gone when the machine is. Where `models/` can't be, models are
    made beside the data, and those that are there are linked.
    """
    if settings.data == home() / "data" and not _can_write(settings.data):
        temporary = Path(tempfile.mkdtemp(prefix="twinlens-"))
        settings = settings.model_copy(update={"data": temporary})
        log.warning("data/ can't be written: all is kept in %s, for now only", settings.data)
        env.setdefault("GRADIO_TEMP_DIR", str(settings.data / "incoming"))
        env.setdefault("KERAS_HOME", str(settings.data / "keras"))
    copy_shipped(settings)
    if settings.models_dir == home() / "models" and not _can_write(settings.models_dir):
        models = _linked(settings.models_dir, settings.data)
        settings = settings.model_copy(update={"models_dir": models})
    return settings


def copy_shipped(settings: Settings) -> None:
    """Copy the models and pictures that come with the package to the user's data folder.

    Only outside a checkout, where nobody has chosen other folders and these are not there.
    """
    if is_checkout():
        return
    for folder in (settings.models_dir, settings.samples_dir):
        if folder.parent == home() and not folder.exists():
            try:
                with part_of(folder) as part:
                    shutil.copytree(SHIPPED / folder.name, part)
            except OSError as error:
                if not folder.exists():  # otherwise another process was first
                    log.warning("%s can't be copied: %s", folder.name, error)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _linked(models: Path, data: Path) -> Path:
    folder = data / "models"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in models.glob("*.onnx"):
            if not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    except OSError:
        log.exception("models can't be made beside the data either")
        return models
    return folder
