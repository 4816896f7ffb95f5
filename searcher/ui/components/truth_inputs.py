"""What the Evaluate tab measures: on which labels or judgements, with which queries, how deep."""

from typing import Any, NamedTuple

import gradio as gr

from searcher.evaluation.evaluate import DEFAULT_K
from searcher.evaluation.plan import Plan
from searcher.library.core import Library
from searcher.metrics.ground_truth import PROTOCOLS
from searcher.ui.i18n import browser_text
from searcher.ui.requests.arguments import read_count, read_text
from searcher.ui.requests.task_plan import read_plan

BOX_HEIGHT = 140
MAX_SHARE = 0.9
MAX_DEPTH = 100
MAX_LIST = 8000  # characters of names


class GroundTruthInputs(NamedTuple):
    """The controls, in the order of the values that `plan_of` and `depth_of` take."""

    qrels: gr.File
    protocol: gr.Dropdown
    queries: gr.File
    label: gr.Textbox
    share: gr.Slider
    labels: gr.File
    names: gr.Textbox
    depth: gr.Number


def build() -> tuple[gr.Accordion, GroundTruthInputs]:
    """Build the section of the Evaluate tab; return it and its controls."""
    title = browser_text("Ground truth and depth")
    with gr.Accordion(
        title, open=False, elem_id="evaluate-truth", elem_classes="tl-inputs"
    ) as section:
        gr.Markdown(
            browser_text(
                "Pictures with the same label should be found, and each picture is a query once. "
                "Or choose here what is relevant: judgements of query, picture, relevance and "
                "junk, or labels, several a picture; and which pictures are queries. Uploaded "
                "queries are not added."
            )
        )
        with gr.Row():
            qrels = gr.File(
                label=browser_text("Judgements (TREC or CSV)"),
                elem_id="evaluate-qrels",
                height=BOX_HEIGHT,
            )
            labels = gr.File(
                label=browser_text("Labels (CSV or COCO)"),
                elem_id="evaluate-labels",
                height=BOX_HEIGHT,
            )
            queries = gr.File(
                file_count="multiple",
                label=browser_text("Queries (pictures or .zip)"),
                elem_id="evaluate-queries",
                height=BOX_HEIGHT,
            )
        with gr.Row():
            protocol = gr.Dropdown(
                [(browser_text("None"), ""), *PROTOCOLS],
                value="",
                label=browser_text("Protocol"),
                info=browser_text("Where pictures are judged as easy, hard or unclear"),
                elem_id="evaluate-protocol",
            )
            label = gr.Textbox(
                label=browser_text("Queries with a label"),
                info=browser_text("All others are searched"),
                max_lines=1,
                elem_id="evaluate-query-label",
            )
            names = gr.Textbox(
                label=browser_text("Queries by name"),
                info=browser_text("One on each line; all others are searched"),
                lines=1,
                max_lines=4,
                elem_id="evaluate-query-names",
            )
            share = gr.Slider(
                0,
                MAX_SHARE,
                0,
                step=0.05,
                label=browser_text("Share of queries"),
                info=browser_text("All others are searched; 0: each picture is a query once"),
                elem_id="evaluate-query-share",
            )
            depth = gr.Number(
                DEFAULT_K,
                label=browser_text("Depth k"),
                info=browser_text("At which rankings are cut, as in recall@k"),
                minimum=1,
                maximum=MAX_DEPTH,
                precision=0,
                elem_id="evaluate-depth",
            )
    return section, GroundTruthInputs(qrels, protocol, queries, label, share, labels, names, depth)


def plan_of(library: Library, values: tuple[Any, ...]) -> Plan:
    """Return the plan of the controls' values, which are untrusted; see `read_plan`."""
    qrels, protocol, queries, label, share, labels, names, _ = values
    listed = [name.strip() for name in read_text(names, MAX_LIST).splitlines()]
    return read_plan(library, qrels, protocol, queries, label, listed, share, labels=labels)


def depth_of(values: tuple[Any, ...]) -> int:
    """Return the depth of the controls' values, which are untrusted."""
    return read_count(values[-1], MAX_DEPTH, DEFAULT_K)
