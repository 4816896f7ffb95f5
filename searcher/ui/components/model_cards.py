"""The cards of the Models tab: what a person chooses a model by, and how far it is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from searcher.library.speeds import Speed
from searcher.library.status import Status
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.networks import HubNetwork, WordsNetwork
from searcher.models.registry import Model
from searcher.ui.components import status_text
from searcher.ui.i18n import gettext_noop, ntr, number, sentence, tr
from searcher.ui.templating import render

STATES = {
    "ready": gettext_noop("ready"),
    "broken": gettext_noop("broken"),
    "checking": gettext_noop("being checked"),
    "wanted": gettext_noop("waiting"),
    "installing": gettext_noop("installing"),
    "failed": gettext_noop("failed"),
    "available": gettext_noop("not installed"),
}
# What works comes first, then what is on its way or does not work, then the rest.
GROUPS = {"broken": 1, "failed": 1, "installing": 1, "wanted": 1, "available": 2}
SEES = {
    "colour": gettext_noop("Colours, and roughly where they are; nothing else."),
    "shape": gettext_noop("Edges and their directions; no colours."),
    "words": gettext_noop("The 1,000 kinds of things of ImageNet, by their names."),
    "dinov2_small": gettext_noop("Things, their parts and how they look."),
}
SEES_WORDS = gettext_noop("What a picture is about; understands words.")
SEES_KINDS = gettext_noop("Kinds of things, as in ImageNet.")
SEES_VECTORS = gettext_noop("What its file says of certain pictures.")
SEES_OTHER = gettext_noop("What its maker has trained it to see.")
NOT_DOWNLOADED = gettext_noop("Its weights could not be downloaded. Is there a network?")
# Why a model does not work, by the beginning of the message's code.
WHY = {
    "install.no_weights": NOT_DOWNLOADED,
    "install.download_failed": NOT_DOWNLOADED,
    "install.models_folder": gettext_noop("The folder of the models can't be written."),
    "install.no_package": gettext_noop("A Python package with its weights is missing."),
    "hub.disk_full": gettext_noop("There is no room on the disk."),
    "disk.": gettext_noop("The disk is full or can't be written."),
    "hub.gated": gettext_noop("Its owner asks for consent on the Hugging Face Hub first."),
    "hub.no_": gettext_noop("The Hugging Face Hub does not have it for everybody."),
    "hub.too_large": gettext_noop("It is too large."),
    "hub.": gettext_noop("It could not be downloaded from the Hugging Face Hub."),
    "model.memory": gettext_noop("It takes too much memory."),
    "model.time": gettext_noop("It takes too long."),
}
BROKEN = gettext_noop("This file can't be used as a model.")
FAILED = gettext_noop("It could not be installed.")
NO_WORDS = gettext_noop("It does not understand words here.")


@dataclass(frozen=True)
class Button:
    """The button of a model; a `question` must be confirmed first, if there is one."""

    action: str
    label: str
    question: str = ""


@dataclass(frozen=True)
class Card:
    """A model's card.

    Attributes:
        model: The model.
        state: Its state in a word.
        sees: What it sees.
        size: Megabytes of its file, or of the download.
        speed: What was measured.
        quality: Its precision@10 on the library's labels; None if it was not measured on them.
        progress: How far it is: its coverage, what installing takes, or why it does not work.
        coverage_share: 0 to 1; None of a model that is not ready.
        details: What experts want to know, a paragraph each.
        origin: What it is and where it comes from, as its file says.
        buttons: Its buttons.
    """

    model: Model
    state: str
    sees: str
    size: str
    speed: Speed | None
    quality: float | None
    progress: str
    coverage_share: float | None
    details: tuple[str, ...]
    origin: str
    buttons: tuple[Button, ...]


def cards_html(
    status: Status, read_only: bool, quality: Mapping[str, float], order: Sequence[str]
) -> str:
    """Render the cards.

    Args:
        status: The status that has the models.
        read_only: Whether nothing may be changed.
        quality: Precision@10 by the names of the models that were measured.
        order: The models' names in the order of `sort_names`.
    """
    if not status.opened:
        states = [("any", (gettext_noop("Opening the library …"), ""))]
        return render("empty.html", states=states, unanswered="")
    models = {model.name: model for model in status.models}
    cards = [_card(models[name], status, read_only, quality) for name in order if name in models]
    shown = {reason for model in status.models for reason in (model.reason, model.words_reason)}
    others = [p for p in status.problems if p in status.model_problems and p not in shown]
    return render("models.html", cards=cards, problems=others)


def sort_names(
    status: Status, quality: Mapping[str, float], order: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the models' names, the best first.

    Args:
        status: The status that has the models.
        quality: Precision@10 by the names of the models that were measured.
        order: Names that stay where they are: nothing moves under a visitor's pointer.
    """
    models = [model for model in status.models if model.name not in order]
    models.sort(key=lambda m: (GROUPS.get(m.state, 0), -quality.get(m.name, -1.0)))
    present = {model.name for model in status.models}
    return (*(name for name in order if name in present), *(model.name for model in models))


def _card(model: Model, status: Status, read_only: bool, quality: Mapping[str, float]) -> Card:
    covered = min(status.covered(model.name), status.pictures)
    return Card(
        model=model,
        state=tr(STATES[model.state]),
        sees=tr(_sees(model)),
        size=_size(model.megabytes if model.ready else model.download),
        speed=dict(status.speeds).get(model.name),
        quality=quality.get(model.name),
        progress=_progress(model, status),
        coverage_share=(covered / max(status.pictures, 1)) if model.ready else None,
        details=tuple(filter(None, _details(model))),
        origin=_origin(model),
        buttons=() if read_only else tuple(_buttons(model)),
    )


def _sees(model: Model) -> str:
    if model.name in SEES:
        return SEES[model.name]
    if not model.embeds:
        return SEES_VECTORS
    network = CATALOGUE.get(model.name)
    if model.words or isinstance(network, HubNetwork):
        return SEES_WORDS
    return SEES_KINDS if network else SEES_OTHER


def _size(megabytes: float) -> str:
    if not megabytes:
        return ""
    digits = 1 if megabytes < 100 else 0
    return f"{number(megabytes, digits)} MB" if megabytes >= 1 else tr("under 1 MB")


def _progress(model: Model, status: Status) -> str:
    if model.ready:
        return tr(NO_WORDS) if model.words_reason else status_text.coverage(status, model)
    if model.state == "available":
        return _effort(model)
    if model.state in ("failed", "broken"):
        code = model.reason.code if model.reason else ""
        default = BROKEN if model.state == "broken" else FAILED
        return tr(next((why for start, why in WHY.items() if code.startswith(start)), default))
    return sentence(model.reason) if model.reason else ""


def _effort(model: Model) -> str:
    """What installing a network takes, in megabytes and minutes."""
    if not model.download:
        return tr("Nothing to download; about {seconds} s", seconds=number(model.install_s))
    return ntr(
        "{mb} to download, about {n} minute at {speed} Mbit/s",
        "{mb} to download, about {n} minutes at {speed} Mbit/s",
        n=math.ceil(model.install_s / 60),
        mb=_size(model.download),
        speed=number(model.megabits_per_s),
    )


def _details(model: Model) -> Iterator[str]:
    if model.state in ("failed", "broken") and model.reason:
        yield sentence(model.reason)
    if model.words_reason:
        yield sentence(model.words_reason)
    yield _note(model)


def _origin(model: Model) -> str:
    filters = model.weights.startswith("none: ")
    description = model.weights.removeprefix("none: ")
    weights = description if filters else tr("weights: {source}", source=description)
    if not model.embeds:
        weights = tr("vectors from {file}", file=description)
    dimensions = ntr("{n} dimension", "{n} dimensions", n=model.dim) if model.dim else ""
    about = model.architecture, weights if model.weights else "", dimensions
    return " · ".join(filter(None, about))


def _note(model: Model) -> str:
    """What a person should know of a model beside its metadata; "" of most."""
    if not model.embeds and model.ready:
        return tr(
            "Its vectors come from elsewhere: it can't search for new pictures or words, and"
            " pictures that its file has no vector of stay without one."
        )
    if not isinstance(CATALOGUE.get(model.name), WordsNetwork):
        return ""
    return tr(
        "A picture is described by the names of the ImageNet classes that it may show, and words"
        " are compared with that (ConSE: Norouzi et al., 2014). It does not know what the 1,000"
        " classes lack, such as snowmen, dice and chess, nor what words mean together: a text is a"
        " bag of words."
    )


def _buttons(model: Model) -> Iterator[Button]:
    if model.state in ("wanted", "installing"):
        yield Button("cancel", tr("Cancel"))
    elif model.state == "available":
        yield Button("install", tr("Install"))
    elif model.state == "failed":
        yield Button("install", tr("Try again"))
        if model.name not in CATALOGUE:
            yield Button("cancel", tr("Remove"))
    elif model.name not in BASELINES:
        question = tr("Delete {model} and its vectors?", model=model.display)
        yield Button("remove", tr("Remove"), question)
