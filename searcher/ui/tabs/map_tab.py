"""The Map tab: the library in two dimensions, as two models see it, side by side."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from searcher.evaluation.maps import Map, Maps
from searcher.images.pictures import thumbnail_name
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.metrics.projection import PCA, methods
from searcher.ui.components import scripts
from searcher.ui.components.address import MAX_SAID, TabAddress, read_names
from searcher.ui.components.baselines import ModelList, baselines_switch, choices
from searcher.ui.components.defaults import default_models
from searcher.ui.components.query_input import invitation, is_empty
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, gettext_noop, tr
from searcher.ui.requests.arguments import read_choice, read_model
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge
from searcher.ui.templating import THUMBNAILS, render

INVITATION = (
    gettext_noop("Your pictures from above."),
    gettext_noop("What a model finds alike lies together."),
)
DIGITS = 4  # decimals of positions from 0 to 1, finer than the pixels of a screen


@dataclass(frozen=True)
class MapTab:
    """What the rest of the page uses of the tab: its models, and its part of the address."""

    models: ModelList
    address: TabAddress


def build(library: Library, worker: Worker, tab: gr.Tab, shared: SharedComponents) -> MapTab:
    """Build the tab."""
    maps = Maps(library)
    with gr.Row(elem_classes="tl-pages"):
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
            [(name.upper(), name) for name in methods()],
            value=PCA,
            label=browser_text("Projection"),
            info=browser_text("PCA keeps distances as far as a plane can, UMAP keeps neighbours"),
            elem_id="map-method",
            interactive=True,
            visible=len(methods()) > 1,
        )
    switch = baselines_switch("map-baselines")
    redraw = gr.Textbox(visible="hidden")  # a new value draws again
    result = gr.HTML(elem_id="map-result", js_on_load=scripts.MAP)

    @show_errors
    def draw(a: Any, b: Any, method: Any) -> str:
        if is_empty(worker.status):
            return invitation(worker.status, INVITATION)
        pair = default_models(library.registry.ready(), 2)
        # Without duplicates: the same model twice gives one map.
        names = dict.fromkeys([read_model(a, pair[0]), read_model(b, pair[1])])
        projection = read_choice(method, methods())
        charge(library)
        state = _state(names, projection)
        return map_html(library, [maps.of(name, projection) for name in names], state)

    @show_errors
    def choose(live: LiveQuery, event: gr.EventData) -> list[Any]:
        return [*shared.inputs.start(live, event), gr.Tabs(selected="search")]

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
        method = parameters["method"] or PCA
        if method not in methods():
            reasons.append(tr("There is no projection “{name}”.", name=method[:MAX_SAID]))
            method = PCA
        state = _state(dict.fromkeys(chosen), method)
        if label := parameters["label"]:
            if label in library.records.index.labels():
                state["label"] = label
            else:
                reasons.append(tr("There is no label “{name}”.", name=label[:MAX_SAID]))
        drop_downs = [
            gr.Dropdown(choices=choices(worker.status, show, name), value=name) for name in chosen
        ]
        return [*drop_downs, method, str(time.time_ns())], state

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    gr.on(
        [
            tab.select,
            *(picker.input for picker in pickers),
            method.input,
            redraw.change,
        ],
        draw,
        [*pickers, method],
        result,
        trigger_mode="always_last",
        **quiet,
        **costly("map"),
    )
    result.click(choose, shared.inputs.live, [*shared.inputs.components, shared.tabs], **quiet)
    inputs, outputs = [*pickers, switch], [*pickers, method, redraw]
    return MapTab(ModelList(tuple(pickers), switch), TabAddress("map", restore, inputs, outputs))


def _state(names: Iterable[str], method: str) -> dict[str, str]:
    return {"tab": "map", "models": ",".join(names), "method": method}


def map_html(library: Library, maps: list[Map], link: Mapping[str, str]) -> str:
    """Render the maps, with their data for map.js; `link` is the page's address."""
    ids = list(dict.fromkeys(i for view in maps for i in view.ids))
    records = [record for record in library.records.get(ids) if record is not None]
    labels = sorted({record.label for record in records})
    label_indices = {label: index for index, label in enumerate(labels)}
    data = {
        "labels": labels,
        "pictures": [
            [thumbnail_name(record.id), record.name, label_indices[record.label]]
            for record in records
        ],
        "positions": [_positions(view, [record.id for record in records]) for view in maps],
    }
    total = max(view.total for view in maps)
    return render(
        "map.html",
        link=link,
        maps=maps,
        data=data,
        shown=len(records),
        total=total,
        thumbnails=THUMBNAILS,
    )


def _positions(view: Map, ids: list[int]) -> list[list[float] | None]:
    """Return the [x, y] of pictures on a map, 0 to 1; None for those not on it."""
    positions = dict(zip(view.ids, view.projection.points.round(DIGITS).tolist(), strict=True))
    return [positions.get(picture_id) for picture_id in ids]
