"""What tests are run with: the kinds of stores, and the type of a fixture that makes settings."""

from collections.abc import Callable

import pytest

from searcher.config.settings import Settings

MakeSettings = Callable[..., Settings]

SERVER = pytest.param("server", marks=pytest.mark.milvus_server)
# For tests whose library is to behave the same on every kind of store.
ON_EVERY_STORE = pytest.mark.parametrize("store", ["embedded", SERVER], indirect=True)
