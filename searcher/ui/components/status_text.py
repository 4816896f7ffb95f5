"""Texts about models and coverage, made from the status."""

from collections.abc import Iterable

from searcher.library.status import Status
from searcher.models.registry import Model
from searcher.ui.i18n import ntr, tr


def model_choices(status: Status, models: Iterable[Model]) -> list[tuple[str, str]]:
    """Return the drop-downs' choices of models: a label and the model's name.

    The label has the title, whether the model understands words or has no network, coverage, and
    dimensions, which are last as narrow fields may cut them off.
    """
    words, foreign = tr("understands words"), tr("vectors from elsewhere")
    choices = []
    for m in models:
        kind = words if m.words else "" if m.embeds else foreign
        parts = m.display, kind, coverage(status, m), f"{m.dim}-d"
        choices.append((" · ".join(part for part in parts if part), m.name))
    return choices


def coverage(status: Status, model: Model) -> str:
    """Return a model's coverage of the library in words."""
    covered = min(status.covered(model.name), status.pictures)
    if covered == status.pictures:
        return (
            ntr("the only one", "all {n}", n=status.pictures)
            if status.pictures
            else tr("no pictures")
        )
    if not model.embeds:
        return ntr(
            "vectors of {covered} of {n} picture",
            "vectors of {covered} of {n} pictures",
            n=status.pictures,
            covered=covered,
        )
    return ntr(
        "{covered} of {n} indexed",
        "{covered} of {n} indexed",
        n=status.pictures,
        covered=covered,
    )


def finished(previous: Status | None, current: Status) -> str:
    """Return what finished between two statuses, in sentences; "" if nothing."""
    if previous is None or not previous.opened:
        return ""
    previously_ready = {model.name for model in previous.ready}
    news = [
        tr("{model} can be searched with.", model=model.display)
        for model in current.ready
        if model.name not in previously_ready
    ]
    if current.is_done and not previous.is_done:
        news.append(tr("All pictures are indexed: {n}.", n=current.pictures))
    return " ".join(news)
