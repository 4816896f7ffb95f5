"""The details of one picture."""

from datetime import datetime

from searcher.library.core import Library
from searcher.search.results import CompactRanking
from searcher.ui.i18n import date_and_time
from searcher.ui.templating import render


def picture_html(
    library: Library,
    picture_id: int,
    ranking: CompactRanking | None = None,
    removable: bool = False,
) -> str:
    """Render a picture's record, and its rank if it is a hit of `ranking`.

    Args:
        library: The library.
        picture_id: Its id.
        ranking: The hits that are shown, if any.
        removable: Whether the tab handles the button that removes the picture.

    Raises:
        NotFound: If the picture was removed.
    """
    record = library.record(picture_id)
    hits = ranking.expand({picture_id: record}).hits if ranking else []
    hit = hits[0] if hits else None
    percentiles = library.percentiles(ranking.model, ranking.signature) if ranking and hit else None
    return render(
        "picture.html",
        record=record,
        added=date_and_time(datetime.fromtimestamp(record.added)),
        removable=removable and not library.settings.read_only,
        hit=hit,
        percentiles=percentiles,
    )
