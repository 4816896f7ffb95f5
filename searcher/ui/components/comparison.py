"""Rendering of a comparison."""

from collections.abc import Mapping

from searcher.library.core import Library
from searcher.messages.message import Message
from searcher.presentation.comparison_view import NOTHING, comparison_view
from searcher.search.results import Comparison
from searcher.ui.templating import render


def comparison_html(
    library: Library,
    comparison: Comparison,
    label: str,
    blind: Mapping[str, Message] = NOTHING,
    is_partial: bool = False,
) -> str:
    """Render a comparison.

    Its arguments are those of `comparison_view`, and whether the models may find more soon.
    """
    view = comparison_view(library, comparison, label, blind)
    return render("comparison.html", view=view, columns=view.columns, is_partial=is_partial)
