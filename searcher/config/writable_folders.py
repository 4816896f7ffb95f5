"""Choose folders that can be written, in a checkout, an installed package or a container."""

import logging
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

from searcher.config.constants import MODEL_FILES
from searcher.config.folders import PACKAGE_DATA, home, is_checkout
from searcher.config.settings import Settings
from searcher.errors import TwinlensError
from searcher.files import link_new, part_of

log = logging.getLogger(__name__)


def use_writable_folders(
    settings: Settings, env: MutableMapping[str, str] = os.environ
) -> Settings:
    """Replace default folders that cannot be written; folders chosen by the user stay.

    A new temporary folder replaces `data/`, also for files of Gradio and Keras. A folder in the
    data folder replaces `models/`, with links to the existing models.

    Args:
        settings: The settings.
        env: The environment; Gradio's and Keras' folders are set in it.

    Returns:
        Settings with other folders where necessary.
    """
    if settings.data == home() / "data" and not _can_write(settings.data):
        temporary = Path(tempfile.mkdtemp(prefix="twinlens-"))
        settings = settings.model_copy(update={"data": temporary})
        log.warning("data/ can't be written: all is kept in %s, for now only", settings.data)
        env.setdefault("GRADIO_TEMP_DIR", str(settings.data / "incoming"))
        env.setdefault("KERAS_HOME", str(settings.data / "keras"))
    copy_shipped(settings)
    if settings.models_dir == home() / "models" and not _can_write(settings.models_dir):
        models = _linked(settings.models_dir, settings.data / "models")
        settings = settings.model_copy(update={"models_dir": models})
    if settings.kept:
        _linked(settings.kept / "models", settings.models_dir)
    return settings


def copy_shipped(settings: Settings) -> None:
    """Copy the pictures of an installed package to the user's data folder.

    Only to a default folder that does not exist yet; a checkout needs no copy.
    """
    folder = settings.samples_dir
    if is_checkout() or folder.parent != home() or folder.exists():
        return
    try:
        with part_of(folder) as part:
            shutil.copytree(PACKAGE_DATA / folder.name, part)
    except OSError as error:
        if not folder.exists():  # another process may have copied it meanwhile
            log.warning("%s can't be copied: %s", folder.name, error)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _linked(models: Path, folder: Path) -> Path:
    """Link model files into a folder, and return it; the folder they are in if that fails."""
    try:
        # Read within link_new, since a mounted folder may fail, too.
        link_new((path for pattern in MODEL_FILES for path in models.glob(pattern)), folder)
    except TwinlensError as error:
        log.error("%s can't have links to models: %s", folder, error)
        return models
    return folder
