"""The Models tab: every model with its state, figures and coverage; install, stop, remove."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gradio as gr

from searcher.library.core import Library
from searcher.library.speeds import Speed
from searcher.library.status import Status
from searcher.library.worker import Worker
from searcher.models.catalog import BASELINES, CATALOGUE
from searcher.models.networks import WordsNetwork
from searcher.models.registry import Model
from searcher.ui import toasts
from searcher.ui.components import bring_model, scripts, status_text
from searcher.ui.i18n import browser_text, gettext_noop, number, tr
from searcher.ui.requests.arguments import read_choice, read_event, read_model
from searcher.ui.requests.error_handling import show_errors
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


BITS_PER_BYTE = 8
MEGABITS_PER_S = 100  # of the connection that the seconds of a download are told for


@dataclass(frozen=True)
class Button:
    """The button of a model; a `question` must be confirmed first, if there is one."""

    action: str
    label: str
    question: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the list.

    `coverage_share` is 0 to 1, `speed` what was measured, `download` what installing takes, `note`
    what a person should know of the model.
    """

    model: Model
    state: str
    about: str
    speed: Speed | None
    coverage: str
    coverage_share: float
    download: str
    note: str
    buttons: tuple[Button, ...]


def build(library: Library, worker: Worker) -> tuple[gr.HTML, gr.Button]:
    """Build the tab; return the list and the button to try again, which the page refreshes."""
    read_only = library.settings.read_only
    retry = gr.Button(browser_text("Try again"), size="sm", visible=False, elem_id="retry")
    model_list = gr.HTML(elem_id="models-list", js_on_load=scripts.MODELS)
    with gr.Row(elem_classes="tl-pages", visible=not read_only):
        index = gr.Button(browser_text("Index now"), size="sm", elem_id="models-index")
        measure = gr.Button(browser_text("Measure again"), size="sm", elem_id="models-measure")
    actions: dict[str, Callable[[str], None]] = {
        "install": worker.install,
        "cancel": worker.cancel,
        "remove": worker.remove,
    }

    @show_errors
    def handle_click(event: gr.EventData) -> None:
        action = read_choice(read_event(event, "action"), actions)
        actions[action](read_model(read_event(event, "name")))

    @show_errors
    def try_again() -> None:
        worker.retry()

    @show_errors
    def index_now() -> None:
        worker.index_now()
        toasts.info(tr("Looking for pictures that a model lacks."), title=tr("Index now"))

    @show_errors
    def measure_again() -> None:
        worker.measure()
        toasts.info(
            tr("The speed of every model is measured as soon as nothing else goes on."),
            title=tr("Measure again"),
        )

    bring_model.build(library, worker)
    model_list.click(handle_click, api_visibility="private")
    retry.click(try_again, api_visibility="private")
    index.click(index_now, api_visibility="private")
    measure.click(measure_again, api_visibility="private")
    return model_list, retry


def models_html(status: Status, read_only: bool) -> str:
    """Render the list of models."""
    if not status.opened:
        return render("empty.html", title=gettext_noop("Opening the library …"), words="")
    rows = [_row(model, status, read_only) for model in status.models]
    shown = {reason for model in status.models for reason in (model.reason, model.words_reason)}
    others = [p for p in status.problems if p in status.model_problems and p not in shown]
    return render("models.html", rows=rows, problems=others)


def _row(model: Model, status: Status, read_only: bool) -> Row:
    filters = model.weights.startswith("none: ")
    description = model.weights.removeprefix("none: ")
    weights = description if filters else tr("weights: {source}", source=description)
    if not model.embeds:
        weights = tr("vectors from {file}", file=description)
    about = [model.architecture, weights if model.weights else "", model.licence]
    about += [tr("understands words")] if model.words else []
    coverage_share = min(status.covered(model.name), status.pictures)
    return Row(
        model=model,
        state=tr(STATES[model.state]),
        about=" · ".join(part for part in about if part),
        speed=dict(status.speeds).get(model.name),
        coverage=status_text.coverage(status, model),
        coverage_share=coverage_share / status.pictures if status.pictures else 0,
        download=_download(model),
        note=_note(model),
        buttons=() if read_only else tuple(_buttons(model)),
    )


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


def _download(model: Model) -> str:
    """What installing a network downloads, in megabytes and seconds; "" for what does not."""
    if not model.download:
        return ""
    seconds = model.download * BITS_PER_BYTE / MEGABITS_PER_S
    return tr(
        "Download: {mb} MB, about {seconds} s at {speed} Mbit/s",
        mb=number(model.download, 1 if model.download < 100 else 0),
        seconds=number(max(1, seconds)),
        speed=number(MEGABITS_PER_S),
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
