"""The page's small pictures of a query are made while Milvus searches."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from searcher.errors import BadImage
from searcher.images.pictures import ICON_SIDE, PREVIEW_SIDE, open_picture
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from searcher.ui.components.page_search import rank
from searcher.ui.components.query_bar import with_previews
from searcher.ui.templating import data_address
from tests.page_queries import of_upload
from tests.pictures import save

MODELS = ["colour", "shape"]


def test_other_work_is_done_once_and_in_another_thread(library: Library, tmp_path: Path) -> None:
    query = UploadedQuery("q", save(tmp_path / "x" / "1.jpg", 1).read_bytes())
    library.add([tmp_path / "x"])
    threads: list[threading.Thread] = []
    alone = library.rank(query, MODELS, 1)
    during = library.rank(query, MODELS, 1, "", lambda: threads.append(threading.current_thread()))
    assert len(threads) == 1
    assert threads != [threading.current_thread()]
    assert [r.own_copies for r in during] == [r.own_copies for r in alone]

    def fail() -> None:
        raise BadImage("picture.damaged", name="q")

    with pytest.raises(BadImage):
        library.rank(query, MODELS, 1, "", fail)


def test_small_pictures_are_there_when_the_page_needs_them(
    library: Library, tmp_path: Path
) -> None:
    data = save(tmp_path / "x" / "1.jpg", 1).read_bytes()
    library.add([tmp_path / "x"])
    models = [library.registry.get(name) for name in MODELS]
    for remembers in (False, True):
        upload = UploadedQuery("q", data)
        query, queries = of_upload(upload)
        rank(library, query, queries, models, 1, remembers)
        made = vars(upload.picture)
        assert max(open_picture(made["preview_jpeg"]).pixels.size) == PREVIEW_SIDE
        assert ("icon_jpeg" in made, "fingerprint" in vars(upload)) == (remembers, remembers)
    assert max(open_picture(made["icon_jpeg"]).pixels.size) == ICON_SIDE
    shown = with_previews(query, queries)
    assert shown.parts[0].preview == data_address(made["preview_jpeg"])

    # What the page has already is not made again.
    again = replace(upload)
    key = shown.parts[0].key
    rank(library, shown, {key: again}, models, 1, True)
    assert "preview_jpeg" not in vars(again.picture)
