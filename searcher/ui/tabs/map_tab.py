"""The Map tab: the library in two dimensions, as two models see it, side by side."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest, StoreUnavailable
from searcher.library.core import Library
from searcher.library.relabelling import set_label
from searcher.library.worker import Worker
from searcher.metrics.projection import METHODS, TSNE
from searcher.ui.components import scripts, undo
from searcher.ui.components.address import MAX_SAID, TabAddress, read_names
from searcher.ui.components.baselines import ModelList, baselines_switch, choices
from searcher.ui.components.defaults import default_models
from searcher.ui.components.map_view import TITLES, MapView
from searcher.ui.components.page_search import outage_html
from searcher.ui.components.query_input import invitation
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import (
    MAX_LABEL,
    read_choice,
    read_event,
    read_ids,
    read_model,
    read_text,
)
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.parsing import refuse_if_read_only
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

INVITATION = (
    gettext_noop("Your pictures from above."),
    gettext_noop("What a model finds alike lies together."),
)
COLOURS = ("label", "right", "agreement")  # static/map/colours.js


@dataclass(frozen=True)
class MapTab:
    """What the rest of the page uses of the tab: its models, and its part of the address."""

    models: ModelList
    address: TabAddress


def build(
    library: Library,
    worker: Worker,
    tab: gr.Tab,
    shared: SharedComponents,
    view: MapView,
    queries: Sequence[gr.State],
) -> MapTab:
    """Build the tab.

    Args:
        library: The library.
        worker: Its status tells whether there are pictures.
        tab: The tab.
        shared: What the tab uses of other tabs.
        view: Renders the maps.
        queries: The LiveQuery of other tabs; the first that is not empty is shown on the maps.
    """
    with gr.Row(elem_classes="tl-pages tl-inputs"):
        pickers = [
            gr.Dropdown(
                [],
                label=label,
                elem_id=f"map-{key}",
                elem_classes=f"tl-pick-{key}",
                interactive=True,
            )
            for key, label in (("a", browser_text("Model A")), ("b", browser_text("Model B")))
        ]
        method = gr.Dropdown(
            [(TITLES[name], name) for name in METHODS],
            value=TSNE,
            label=browser_text("Projection"),
            info=browser_text("t-SNE keeps neighbours, PCA distances as far as a plane can"),
            elem_id="map-method",
            interactive=True,
        )
    switch = baselines_switch("map-baselines")
    redraw = gr.Textbox(visible="hidden")  # a new value draws again
    line = undo.line("map", tab, shared.changes)
    result = gr.HTML(elem_id="map-result", js_on_load=scripts.MAP)

    def show(a: Any, b: Any, method: Any, lives: tuple[LiveQuery, ...], again: bool) -> str:
        status = worker.status
        if status.is_empty:
            return invitation(INVITATION, status.version)
        pair = default_models(library.registry.ready(), 2)
        # Without duplicates: the same model twice gives one map.
        names = dict.fromkeys([read_model(a, pair[0]), read_model(b, pair[1])])
        projection = read_choice(method, METHODS)
        charge(library)
        asked = [live.query for live in lives if not live.query.is_empty] or [lives[0].query]
        state = _state(names, projection)
        try:
            is_partial = status.is_partial(names)
            return view.html(list(names), projection, asked[0], state, again, is_partial)
        except StoreUnavailable as error:
            return outage_html(error, status)

    @show_errors
    def draw(a: Any, b: Any, method: Any, *lives: LiveQuery) -> str:
        return show(a, b, method, lives, again=False)

    @show_errors
    def make_again(a: Any, b: Any, method: Any, *lives: LiveQuery) -> str:
        return show(a, b, method, lives, again=True)

    @show_errors
    def choose(live: LiveQuery, event: gr.EventData) -> list[Any]:
        return [*shared.inputs.start(live, event), gr.Tabs(selected="search")]

    @show_errors
    def relabel(stored: Any, event: gr.EventData) -> list[Any]:
        refuse_if_read_only(library)
        label = read_text(read_event(event, "label"), MAX_LABEL).strip()
        if not label:
            raise InvalidRequest("request.text")
        ids = read_ids(read_event(event, "ids"))
        charge(library)
        return [*undo.changed(stored, set_label(library, ids, label)), str(time.time_ns())]

    @show_errors
    def undo_change(stored: Any, event: gr.EventData) -> list[Any]:
        answer = undo.answer(library, stored, event)
        return [*answer, str(time.time_ns()) if undo.is_asked(event) else gr.skip()]

    def restore(
        parameters: Mapping[str, str],
        reasons: list[str],
        a: Any,
        b: Any,
        show: Any,
    ) -> tuple[list[Any], dict[str, str]]:
        ready = [model.name for model in library.registry.ready()]
        pair = [
            name if name in ready else default
            for name, default in zip(
                (a, b), default_models(library.registry.ready(), 2), strict=True
            )
        ]
        names = read_names(parameters["models"].split(",")[:2], ready, reasons) or pair
        chosen = [names[0], names[-1]]
        method = parameters["method"] or TSNE
        if method not in METHODS:
            reasons.append(tr("There is no projection “{name}”.", name=method[:MAX_SAID]))
            method = TSNE
        state = _state(dict.fromkeys(chosen), method)
        if label := parameters["label"]:
            if label in library.records.index.labels():
                state["label"] = label
            else:
                reasons.append(tr("There is no label “{name}”.", name=label[:MAX_SAID]))
        if (colour := parameters["colour"]) and colour != COLOURS[0]:
            if colour in COLOURS:
                state["colour"] = colour
            else:
                reasons.append(tr("There are no colours “{name}”.", name=colour[:MAX_SAID]))
        state |= {"linked": "0"} if parameters["linked"] == "0" else {}
        drop_downs = [
            gr.Dropdown(choices=choices(worker.status, show, name), value=name) for name in chosen
        ]
        return [*drop_downs, method, str(time.time_ns())], state

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    shown = [*pickers, method, *queries]
    limited = {"trigger_mode": "always_last", **quiet, **costly("map")}
    gr.on(
        [
            tab.select,
            *(picker.input for picker in pickers),
            method.input,
            redraw.change,
            result.submit,
        ],
        draw,
        shown,
        result,
        **limited,
    )
    result.input(make_again, shown, result, **limited)
    result.click(choose, shared.inputs.live, [*shared.inputs.components, shared.tabs], **quiet)
    changes: dict[str, Any] = {"inputs": shared.changes, "concurrency_limit": 1, **quiet}
    changes["outputs"] = [line, shared.changes, redraw]
    result.select(relabel, **changes)
    line.click(undo_change, **changes)
    inputs, outputs = [*pickers, switch], [*pickers, method, redraw]
    return MapTab(ModelList(tuple(pickers), switch), TabAddress("map", restore, inputs, outputs))


def _state(names: Iterable[str], method: str) -> dict[str, str]:
    return {"tab": "map", "models": ",".join(names), "method": method}
