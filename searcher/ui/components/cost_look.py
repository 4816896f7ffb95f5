"""The pictures behind the costs of smaller vectors, shown below them."""

from dataclasses import dataclass

from searcher.evaluation.shrink_changes import ChangedQuery, Changes, find_changes
from searcher.evaluation.stopping import Stop
from searcher.library.core import Library
from searcher.metrics.shrinkage import FLOAT32, Variant
from searcher.presentation.cases import NearRow, QueryCard
from searcher.ui.components.address import MAX_SAID
from searcher.ui.components.compare_address import compare_address, with_others
from searcher.ui.i18n import number, tr
from searcher.ui.templating import render

PAGE = 12  # queries
MAX_PAGES = 42  # of at most 500 queries
KEY = "changes"  # of the page's address


@dataclass(frozen=True)
class CostLook:
    """What is open: the queries that a variant of a model's vectors changes."""

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
    if model is None or Variant.parse(variant, model.dim) is None:
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
    compared = with_others(library, [look.model])
    return render(
        "cost_look.html",
        link={"tab": "evaluate", KEY: str(look)},
        part=KEY,
        is_new=is_new,
        title=tr(
            "{model}: {variant} instead of {full}",
            model=changes.model.display,
            variant=changes.variant.name,
            full=FLOAT32,
        ),
        sentences=_sentences(changes),
        cards=[_card(case) for case in changes.cases],
        more=str(CostLook(look.model, look.variant, look.pages + 1))
        if changes.changed > len(changes.cases)
        else "",
        address=lambda card: compare_address(card.id, compared),
    )


def _sentences(changes: Changes) -> list[str]:
    said = [
        tr(
            "Queries with other pictures among the first ten: {changed} of {queries}.",
            changed=number(changes.changed),
            queries=number(changes.queries),
        )
    ]
    if changes.worse is not None and changes.better is not None:
        said.append(
            tr(
                "precision@10 falls for {worse} and rises for {better}. Those that lose most come "
                "first.",
                worse=number(changes.worse),
                better=number(changes.better),
            )
        )
    return said


def _card(case: ChangedQuery) -> QueryCard:
    sign = "+" if case.gain and case.gain > 0 else ""
    gain = "" if case.gain is None else number(case.gain, 1).replace("-", "−")
    note = f"precision@10 {sign}{gain}" if gain else ""
    rows = [
        NearRow("a", tr("Only with the full vectors"), "", case.lost),
        NearRow("b", tr("Only with the smaller ones"), note, case.found),
    ]
    return QueryCard(case.id, case.name, case.label, True, rows)
