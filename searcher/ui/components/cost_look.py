"""The pictures behind the costs of smaller vectors and of HNSW, shown below them."""

from dataclasses import dataclass

from searcher.evaluation.index_recall import read_ef
from searcher.evaluation.shrink_changes import find_changes
from searcher.evaluation.stopping import Stop
from searcher.library.core import Library
from searcher.metrics.shrinkage import Variant
from searcher.presentation.changed_queries import changed_list, changed_title
from searcher.ui.components.address import MAX_SAID
from searcher.ui.components.compare_address import compare_address, with_others
from searcher.ui.i18n import tr
from searcher.ui.templating import render

PAGE = 12  # queries
MAX_PAGES = 42  # of at most 500 queries
KEY = "changes"  # of the page's address


@dataclass(frozen=True)
class CostLook:
    """What is open: the queries that a variant of a model's vectors, or its index, changes."""

    model: str
    variant: str
    pages: int = 1

    def __str__(self) -> str:
        """Return it as the page's address and buttons have it."""
        pages = (str(self.pages),) if self.pages > 1 else ()
        return "/".join((self.model, self.variant, *pages))


def read_look(library: Library, text: str, reasons: list[str]) -> CostLook | None:
    """Return what a text of the address or of a button opens; None for nothing.

    Args:
        library: The library.
        text: The text, which is untrusted.
        reasons: Gets a sentence if it can't be followed.
    """
    name, variant, pages = (*text.split("/"), "", "")[:3]
    model = next((model for model in library.registry.ready() if model.name == name), None)
    is_known = model and (read_ef(variant) or Variant.parse(variant, model.dim))
    if model is None or not is_known:
        if text:
            reasons.append(tr("There are no vectors “{name}”.", name=text[:MAX_SAID]))
        return None
    count = int(pages) if pages.isascii() and pages.isdigit() and len(pages) < 3 else 1
    return CostLook(name, variant, min(max(count, 1), MAX_PAGES))


def look_html(
    library: Library, look: CostLook, is_new: bool, is_stopped: Stop = lambda: False
) -> str:
    """Render what is open; `is_new` makes the page scroll to it. Raises as `find_changes` does."""
    changes = find_changes(library, look.model, look.variant, look.pages * PAGE, is_stopped)
    shown = changed_list(changes)
    compared = with_others(library, [look.model])
    return render(
        "cost_look.html",
        link={"tab": "evaluate", KEY: str(look)},
        part=KEY,
        is_new=is_new,
        title=changed_title(changes),
        sentence=shown.sentence,
        cards=shown.cards,
        more=str(CostLook(look.model, look.variant, look.pages + 1))
        if changes.changed > len(changes.cases)
        else "",
        address=lambda card: compare_address(card.id, compared),
    )
