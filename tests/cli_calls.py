"""Calls of the command line on a library whose stores stay open between them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from searcher.stores.private.client import EmbeddedStores
from tests import forks
from tests.parameters import MakeSettings

Run = Any


@pytest.fixture
def run(
    request: pytest.FixtureRequest, make_settings: MakeSettings, store: dict[str, str]
) -> Iterator[Run]:
    """Run `python -m searcher …` on this test's own library.

    Its stores are kept open, or each command would wait for the supervisor of the last one to end.
    """
    settings = make_settings()
    env = {
        **os.environ,
        **store,
        "TWINLENS_DATA": str(settings.data),
        "MODELS_DIR": str(settings.models_dir),
        "INSTALL_MODELS": "resnet50 vgg16",  # which the command line does not make by itself
    }

    def call(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        process = forks.run([sys.executable, "-m", "searcher", *arguments], env=env)
        assert process.returncode == status, process.stderr
        assert "Traceback" not in process.stderr, process.stderr
        return process

    stores = EmbeddedStores(settings.data / "stores")
    try:
        if not request.node.get_closest_marker("real_processes"):
            stores.addresses()
        yield call
    finally:
        stores.release()
