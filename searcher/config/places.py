"""Folders for an app that lies where nothing can be written, as in a container or on Spaces."""

import logging
import os
import tempfile
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path

from searcher.config.settings import ROOT, Settings

log = logging.getLogger(__name__)


def make_places(settings: Settings, env: MutableMapping[str, str] = os.environ) -> Settings:
    """Return settings whose folders can be written where nobody has chosen other ones.

    Where the project's own `data/` can't be, a new temporary folder takes its place, also for what
    Gradio and Keras keep; it is gone when the machine is. Where `models/` can't be, models are
    made beside the data, and those that are there are linked.
    """
    if settings.data == ROOT / "data" and not _can_write(settings.data):
        settings = replace(settings, data=Path(tempfile.mkdtemp(prefix="twinlens-")))
        log.warning("data/ can't be written: all is kept in %s, for now only", settings.data)
        env.setdefault("GRADIO_TEMP_DIR", str(settings.data / "incoming"))
        env.setdefault("KERAS_HOME", str(settings.data / "keras"))
    if settings.models_dir == ROOT / "models" and not _can_write(settings.models_dir):
        settings = replace(settings, models_dir=_linked(settings.models_dir, settings.data))
    return settings


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
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
