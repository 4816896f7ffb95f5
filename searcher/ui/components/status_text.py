"""Words that several tabs share."""

from searcher.library.status import Status
from searcher.models.registry import Model
from searcher.ui.i18n import ntr, tr


def model_choices(status: Status) -> list[tuple[str, str]]:
    """What the dropdowns offer: title, dimensions and coverage, with the model's name behind."""
    return [(f"{m.display} · {m.dim}-d · {coverage(status, m)}", m.name) for m in status.ready]


def coverage(status: Status, model: Model) -> str:
    """How much of the library a model can search."""
    covered = min(status.covered(model.name), status.pictures)
    if covered == status.pictures:
        return (
            ntr("the only one", "all {n}", n=status.pictures)
            if status.pictures
            else tr("no pictures")
        )
    return ntr(
        "{covered} of {n} indexed",
        "{covered} of {n} indexed",
        n=status.pictures,
        covered=covered,
    )


def finished(before: Status | None, now: Status) -> str:
    """What came to its end between two looks at the status, in a sentence; else nothing."""
    if before is None or not before.opened:
        return ""
    ready_before = {model.name for model in before.ready}
    news = [
        tr("{model} can be searched with.", model=model.display)
        for model in now.ready
        if model.name not in ready_before
    ]
    if now.complete and not before.complete:
        news.append(tr("All pictures are indexed: {n}.", n=now.pictures))
    return " ".join(news)
