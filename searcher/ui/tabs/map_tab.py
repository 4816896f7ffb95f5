"""The Map tab: the library in two dimensions, as two models see it, side by side."""

from typing import Any

import gradio as gr

from searcher.evaluation.maps import Map, Maps
from searcher.images.pictures import thumbnail_name
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.metrics.projection import PCA, methods
from searcher.ui.assets import static
from searcher.ui.components.defaults import default_models
from searcher.ui.components.query_input import invitation, is_empty
from searcher.ui.components.shared import SharedComponents
from searcher.ui.i18n import browser_text, gettext_noop
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
ON_LOAD = static("map.js").read_text()
DIGITS = 4  # decimals of positions from 0 to 1, finer than the pixels of a screen


def build(
    library: Library, worker: Worker, tab: gr.Tab, shared: SharedComponents
) -> list[gr.Dropdown]:
    """Build the tab; return the dropdowns, which the page refreshes."""
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
    result = gr.HTML(elem_id="map-result", js_on_load=ON_LOAD)

    @show_errors
    def draw(a: Any, b: Any, method: Any) -> str:
        if is_empty(worker.status):
            return invitation(worker.status, INVITATION)
        pair = default_models(library.registry.ready(), 2)
        # Without duplicates: the same model twice gives one map.
        names = dict.fromkeys([read_model(a, pair[0]), read_model(b, pair[1])])
        projection = read_choice(method, methods())
        charge(library)
        return map_html(library, [maps.of(name, projection) for name in names])

    @show_errors
    def choose(live: LiveQuery, event: gr.EventData) -> list[Any]:
        return [*shared.inputs.start(live, event), gr.Tabs(selected="search")]

    quiet: dict[str, Any] = {"preprocess": False, "api_visibility": "private"}
    gr.on(
        [tab.select, *(picker.input for picker in pickers), method.input],
        draw,
        [*pickers, method],
        result,
        trigger_mode="always_last",
        **quiet,
        **costly("map"),
    )
    result.click(choose, shared.inputs.live, [*shared.inputs.components, shared.tabs], **quiet)
    return pickers


def map_html(library: Library, maps: list[Map]) -> str:
    """Render the maps, with their data for map.js."""
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
