"""Records, and stores of records: the private server and one over the network."""

from collections.abc import Iterator

import pytest

from searcher.stores.private.client import EmbeddedStores
from searcher.stores.records import Record, RecordStore


@pytest.fixture(params=["embedded", "server"])
def records(request: pytest.FixtureRequest) -> Iterator[RecordStore]:
    if request.param == "embedded":
        stores: EmbeddedStores = request.getfixturevalue("embedded")
        store = RecordStore(lambda: stores.addresses().redis)
    else:
        url: str = request.getfixturevalue("redis_url")
        store = RecordStore(lambda: url)
    try:
        yield store
    finally:
        store.remove(list(store.ids()))
        store.close()


def record(number: int, **changes: object) -> Record:
    fields: dict[str, object] = {
        "id": number,
        "path": f"/pictures/{number}.jpg",
        "name": f"{number}.jpg",
        "label": "numbers",
        "width": 640,
        "height": 480,
        "bytes": 1000,
        "digest": "ab",
        "added": 1e9 + number,
    }
    return Record(**(fields | changes))  # type: ignore[arg-type]
