"""The Models tab: every model with its state, figures and coverage; install, stop, remove."""

from collections.abc import Callable
from html import escape

import gradio as gr

from searcher.export.catalogue import BASELINES, CATALOGUE
from searcher.jobs import Worker
from searcher.models import Model
from searcher.status import Status
from searcher.ui import text
from searcher.ui.edge import with_sentences

# One listener for all buttons, also those that come with a later rendering.
ON_LOAD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const { action, name, question } = button.dataset;
  if (!question || confirm(question)) trigger("click", { action, name });
});
"""
STATES = {
    "ready": "ready",
    "broken": "broken",
    "wanted": "waiting",
    "installing": "installing",
    "failed": "failed",
    "available": "not installed",
}


def build(worker: Worker, read_only: bool) -> gr.HTML:
    """Lay the tab out and wire it; returns the list, which the page keeps current."""
    listed = gr.HTML(elem_id="models-list", js_on_load=ON_LOAD)
    index = gr.Button("Index now", size="sm", visible=not read_only, elem_id="models-index")

    actions: dict[str, Callable[[str], None]] = {
        "install": worker.install,
        "cancel": worker.cancel,
        "remove": worker.remove,
    }

    @with_sentences
    def act(event: gr.EventData) -> None:
        action, name = str(event.action), str(event.name)
        if action in actions:  # both come from the browser
            actions[action](name)

    @with_sentences
    def index_now() -> None:
        worker.index_now()
        gr.Info("Looking for pictures that a model lacks.")

    listed.click(act, api_visibility="private")
    index.click(index_now, api_visibility="private")
    return listed


def render(status: Status, read_only: bool) -> str:
    """The list as HTML."""
    if not status.opened:
        return "<div class='tl-empty'><b>Opening the library …</b></div>"
    rows = "".join(_row(model, status, read_only) for model in status.models)
    return f"<ul class='tl-models'>{rows}</ul>"


def _row(model: Model, status: Status, read_only: bool) -> str:
    weights = model.weights.removeprefix("none: ")
    about = [
        model.architecture,
        f"weights: {weights}" if weights == model.weights != "" else weights,
        model.licence,
    ]
    lines = [f"<p>{escape(' · '.join(part for part in about if part))}</p>"]
    if model.reason:
        lines.append(f"<p class='tl-reason'>{text.with_code(model.reason)}</p>")
    return (
        f"<li class='tl-model' data-state='{model.state}' id='model-{escape(model.name, True)}'>"
        f"<div class='tl-about'><h3>{escape(model.display)} "
        f"<span class='tl-state'>{STATES[model.state]}</span></h3>{''.join(lines)}</div>"
        f"{_figures(model, status)}"
        f"<div class='tl-actions'>{'' if read_only else _buttons(model)}</div></li>"
    )


def _figures(model: Model, status: Status) -> str:
    if not model.ready:
        return ""
    speed = dict(status.speeds).get(model.name)
    covered = min(status.covered(model.name), status.pictures)
    share = covered / status.pictures if status.pictures else 0
    figures = [
        ("dimensions", str(model.dim)),
        ("size", f"{model.megabytes:.1f} MB" if model.megabytes >= 1 else "under 1 MB"),
        ("a picture", text.milliseconds(speed) if speed else "…"),
        (
            "coverage",
            f"{text.coverage(status, model)}<meter value='{share:.3f}' "
            f"aria-label='coverage {share:.0%}'></meter>",
        ),
    ]
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
    return f"<dl class='tl-figures'>{cells}</dl>"


def _buttons(model: Model) -> str:
    if model.state in ("wanted", "installing"):
        return _button(model, "cancel", "Cancel")
    if model.name in CATALOGUE and model.state in ("failed", "available"):
        return _button(model, "install", "Try again" if model.state == "failed" else "Install")
    if model.name in BASELINES:
        return ""
    return _button(model, "remove", "Remove", f"Delete {model.display} and its vectors?")


def _button(model: Model, action: str, label: str, question: str = "") -> str:
    data = {"action": action, "name": model.name, "question": question}
    attributes = "".join(f" data-{key}='{escape(value, True)}'" for key, value in data.items())
    label_aria = escape(f"{label} {model.display}", True)
    return f"<button type='button'{attributes} aria-label='{label_aria}'>{label}</button>"
