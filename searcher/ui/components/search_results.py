"""Rendering of one model's hits."""

from searcher.library.core import Library
from searcher.library.status import Status
from searcher.search.duplicates import fold
from searcher.search.results import Ranking
from searcher.ui.components import status_text
from searcher.ui.templating import render


def results_html(library: Library, status: Status, ranking: Ranking) -> str:
    """Render the timings and the hits, with near-duplicates folded."""
    model = next((m for m in status.ready if m.name == ranking.model), None)
    lacking = model is not None and status.covered(model.name) < status.pictures
    return render(
        "results.html",
        ranking=ranking,
        groups=fold(ranking.hits),
        percentiles=library.percentiles(ranking.model, ranking.signature),
        pictures=status.pictures,
        is_partial=status.is_partial([ranking.model]),
        partly=status_text.coverage(status, model) if model and lacking else "",
    )
