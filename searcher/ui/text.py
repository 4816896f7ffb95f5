"""Words that several tabs share."""

from searcher.models import Model
from searcher.status import Status


def model_choices(status: Status) -> list[tuple[str, str]]:
    """What the dropdowns offer: title, dimensions and coverage, with the model's name behind."""
    return [(f"{m.display} · {m.dim}-d · {coverage(status, m)}", m.name) for m in status.ready]


def coverage(status: Status, model: Model) -> str:
    """How much of the library a model can search."""
    covered = min(status.covered(model.name), status.pictures)
    if covered == status.pictures:
        return f"all {status.pictures}" if status.pictures else "no pictures"
    return f"{covered} of {status.pictures} indexed"
