"""What the picture box shows when the page's address brings a query back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from searcher.images.pictures import reencode
from searcher.library.core import Library
from searcher.search.query import TextQuery
from searcher.ui.gradio_internals import cache_picture
from searcher.ui.requests.page_query import PageQuery
from searcher.ui.requests.parsing import library_picture

SIDE = 1024  # pixels of a copy


def box_picture(library: Library, old: PageQuery, query: PageQuery) -> tuple[PageQuery, Any]:
    """Return a query whose picture the box can show, and the value of the box.

    Of an upload the box shows a copy without metadata: the visitor may be another one than who
    uploaded it, whose file may say where it was taken. The query is still the upload itself.

    Args:
        library: The library.
        old: The query whose picture the box shows now.
        query: The query to bring back.

    Raises:
        TwinlensError: The picture is gone, or can't be decoded.
    """
    part, before = query.part(query.image), old.part(old.image)
    if part is None:
        return query, None
    if before is not None and before.key == part.key:
        return query.with_stand_in(before.stand_in), gr.skip()
    if part.picture_id is not None:
        return query, library_picture(library, part.picture_id)
    opened = replace(part, box=None).query(library)
    assert not isinstance(opened, TextQuery)
    data = reencode(opened.picture, SIDE, quality=90)
    path = cache_picture(data, f"{Path(opened.name).stem or 'picture'}.jpg")
    return query.with_stand_in(path), path
