"""One picture with everything that is known of it."""

import time

from searcher.errors import NotFound
from searcher.library.core import Library
from searcher.search.results import Ranking
from searcher.ui.templating import render


def picture_html(library: Library, picture_id: int, ranking: Ranking | None = None) -> str:
    """Draw a picture, with its place in a ranking if it has one. Raises NotFound when gone."""
    (record,) = library.records.get([picture_id])
    if record is None:
        raise NotFound("picture.gone")
    hits = ranking.hits if ranking else []
    hit = next((hit for hit in hits if hit.record.id == picture_id), None)
    return render(
        "picture.html",
        record=record,
        added=time.strftime("%Y-%m-%d %H:%M", time.localtime(record.added)),
        read_only=library.settings.read_only,
        hit=hit,
        known=library.percentiles(ranking.model) if ranking and hit else None,
    )
