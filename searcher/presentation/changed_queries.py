"""Queries whose first ten change with smaller vectors or in HNSW, as page and reports list them."""

from searcher.evaluation.index_recall import read_ef
from searcher.evaluation.shrink_changes import ChangedQuery, Changes
from searcher.metrics.shrinkage import FLOAT32
from searcher.presentation.cases import NearRow, QueryCard, QueryList
from searcher.presentation.wording import number, tr

EXACT = "exact"  # the exact search, in tables


def changed_title(changes: Changes) -> str:
    """Return what is compared."""
    if ef := read_ef(changes.variant):
        return tr(
            "{model}: HNSW with ef {ef} instead of the exact search",
            model=changes.model.display,
            ef=ef,
        )
    return tr(
        "{model}: {variant} instead of {full}",
        model=changes.model.display,
        variant=changes.variant,
        full=FLOAT32,
    )


def changed_list(changes: Changes) -> QueryList:
    """Return the changed queries, each with the pictures that leave its first ten and that come."""
    is_index = read_ef(changes.variant) is not None
    titles = (
        (tr("Only in the exact search"), tr("Only in HNSW"))
        if is_index
        else (tr("Only with the full vectors"), tr("Only with the smaller ones"))
    )
    cards = [
        _card(case, titles, (EXACT if is_index else FLOAT32, changes.variant))
        for case in changes.cases
    ]
    return QueryList(" ".join(_sentences(changes)), cards, changes.changed)


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


def _card(case: ChangedQuery, titles: tuple[str, str], names: tuple[str, str]) -> QueryCard:
    sign = "+" if case.gain and case.gain > 0 else ""
    gain = "" if case.gain is None else number(case.gain, 1).replace("-", "−")
    note = f"precision@10 {sign}{gain}" if gain else ""
    rows = [
        NearRow("a", titles[0], "", case.lost, names[0]),
        NearRow("b", titles[1], note, case.found, names[1], case.gain),
    ]
    return QueryCard(case.id, case.name, case.label, True, rows)
