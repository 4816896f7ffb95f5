"""The files of a run are kept on the disk where they are many."""

import pytest

from searcher.images.sources import Source
from searcher.indexing import source_list
from searcher.indexing.source_list import PART, SourceList
from searcher.messages.message import message


def test_sources_come_back_in_their_order_from_memory_and_from_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = [Source(f"/in/{n}.jpg", title=f"{n}", is_labelled=True) for n in range(3 * PART + 1)]
    sources += [Source("/in/\udcff.jpg", message("file.empty", name="a"))]
    stored = SourceList(iter(sources))
    assert len(stored) == len(sources)
    assert list(stored) == list(stored) == sources
    assert not list(SourceList([]))
    assert not stored._file._rolled  # type: ignore[attr-defined]
    monkeypatch.setattr(source_list, "MEMORY", 10_000)
    stored = SourceList(iter(sources))
    assert stored._file._rolled  # type: ignore[attr-defined]
    assert list(stored) == list(stored) == sources
