"""Bring a model: a network or vectors of one, checked and shown before it is added.

A network is an ONNX file or a repository of the Hub.
"""

from typing import Any

import gradio as gr

from searcher.datasets.vector_source import SUFFIXES
from searcher.errors import ExportFailed
from searcher.export.adopt_choices import POOLS
from searcher.export.preprocess import PRESETS
from searcher.images.resizing import FITS, RESAMPLES
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.messages.message import Message
from searcher.models.hub_layout import VARIANTS
from searcher.models.model_files import find_model, is_vector_file
from searcher.ui import toasts
from searcher.ui.components.model_check import check_for_visitor, is_of_vectors
from searcher.ui.i18n import browser_text, sentence, tr
from searcher.ui.requests.arguments import MAX_LABEL, read_text
from searcher.ui.requests.error_handling import raise_refusals, show_errors
from searcher.ui.security.metered_library import current_visitor
from searcher.ui.templating import render

PROGRESS = gr.Progress()
DOWNLOADING = "hub.downloading"
# Options of `adopt` in the order of their controls.
OPTIONS = ("preprocess", "size", "fit", "resize", "resample", "output", "pool")
VECTOR_OPTIONS = ("column", "ids")
ALL_OPTIONS = (*OPTIONS, *VECTOR_OPTIONS)


def build(library: Library, worker: Worker) -> None:
    """Build the section of the Models tab."""
    read_only = library.settings.read_only
    with gr.Accordion(
        browser_text("Bring a model"), open=False, visible=not read_only, elem_id="bring"
    ):
        with gr.Row():
            file = gr.File(
                label=browser_text("ONNX file or vectors"),
                file_types=[".onnx", *SUFFIXES],
                elem_id="bring-file",
                height=120,
            )
            with gr.Column():
                reference = gr.Textbox(
                    label=browser_text("Or a repository of the Hugging Face Hub"),
                    placeholder="hf:OWNER/NAME",
                    max_lines=1,
                    elem_id="bring-reference",
                )
                name = gr.Textbox(
                    label=browser_text("Name of the model"),
                    placeholder=browser_text("By default that of the file"),
                    max_lines=1,
                    elem_id="bring-name",
                )
            ids = gr.File(
                label=browser_text("List for vectors"),
                file_types=[".txt", ".csv", ".tsv", ".npy"],
                elem_id="bring-ids",
                height=120,
            )
        gr.Markdown(
            browser_text(
                "Vectors from elsewhere (.npy, .npz, .parquet) become a model, too. A column or a "
                "list (.txt, .csv, .npy, a line for each row) says which picture each row is of: "
                "its id, path or file name."
            )
        )
        with gr.Accordion(browser_text("Options"), open=False, elem_id="bring-options"):
            gr.Markdown(
                browser_text(
                    "What is left open is read from the network, or from the files beside it on "
                    "the Hub; the check says what it found."
                )
            )
            with gr.Row():
                variant = _choice(browser_text("Variant on the Hub"), VARIANTS, "variant")
                preprocess = _choice(browser_text("Preprocessing"), PRESETS, "preprocess")
                size = _text(browser_text("Size, such as 224 or 256x192"), "size")
                pool = _choice(browser_text("Pooling"), POOLS, "pool")
            with gr.Row():
                fit = _choice(browser_text("Fit"), FITS, "fit")
                resize = _text(browser_text("Short side before cropping"), "resize")
                resample = _choice(browser_text("Resampling"), RESAMPLES, "resample")
                output = _text(browser_text("Tensor with the features"), "output")
            with gr.Row():
                column = _text(browser_text("Column of vectors"), "column")
                ids_column = _text(browser_text("Column of ids, paths or file names"), "ids-column")
            words = gr.Checkbox(
                label=browser_text("Words, where the network has a side for them"),
                value=True,
                elem_id="bring-words",
            )
        with gr.Row(elem_classes="tl-pages"):
            check = gr.Button(browser_text("Check"), variant="primary", elem_id="bring-check")
            stop = gr.Button(browser_text("Stop"), elem_id="bring-stop")
            add = gr.Button(browser_text("Add model"), interactive=False, elem_id="bring-add")
        result = gr.HTML(elem_id="bring-result")
    token = gr.State("")

    @show_errors
    def check_network(
        file: Any,
        ids: Any,
        reference: Any,
        name: Any,
        variant: Any,
        *values: Any,
        progress: Any = PROGRESS,
    ) -> list[Any]:
        *texts, words = values
        given = {key: value for key, value in zip(ALL_OPTIONS, texts, strict=True) if value}
        options = VECTOR_OPTIONS if is_of_vectors(file) else OPTIONS
        choices = {key: value for key, value in given.items() if key in options}
        if not is_of_vectors(file):
            choices["words"] = bool(words)

        def advance(stage: Message) -> None:
            if stage.code == DOWNLOADING:
                megabytes = stage.params["done"], stage.params["total"]
                progress(megabytes, desc=sentence(stage), unit="MB")
            else:
                progress(None, desc=sentence(stage))

        try:
            network = file, reference, name, variant, choices
            proposal = check_for_visitor(library, *network, advance, ids)
        except ExportFailed as error:
            html = render("proposal.html", proposal=None, reason=error.message)
            return [html, "", gr.Button(interactive=False)]
        html = render("proposal.html", proposal=proposal, reason=None)
        return [html, proposal.token, gr.Button(interactive=True)]

    # Not add_model: Gradio would call the endpoint of that name add_model_1.
    def add_proposal(token: str) -> list[Any]:
        with raise_refusals():
            model = worker.accept(read_text(token, MAX_LABEL))
        path = find_model(library.settings.models_dir, model)
        text = tr("{model} embeds the library's pictures now.", model=model)
        if path and is_vector_file(path):
            text = tr("The vectors of {model} are copied into the library now.", model=model)
        toasts.info(text, title=tr("Added"))
        return ["", "", gr.Button(interactive=False), None, None, "", ""]

    @show_errors
    def stop_check() -> None:
        library.jobs.stop(current_visitor(), "job.checking_model")

    quiet: dict[str, Any] = {"api_visibility": "private"}
    check.click(
        check_network,
        [
            *(file, ids, reference, name, variant),
            *(preprocess, size, fit, resize, resample, output, pool),
            *(column, ids_column, words),
        ],
        [result, token, add],
        preprocess=False,
        show_progress_on=[result],
        concurrency_limit=1,
        **quiet,
    )
    add.click(add_proposal, token, [result, token, add, file, ids, reference, name], **quiet)
    stop.click(stop_check, queue=False, **quiet)


def _choice(label: Any, choices: Any, name: str) -> gr.Dropdown:
    """Return a dropdown whose first entry leaves the option open."""
    entries = [(browser_text("Found by the check"), ""), *((key, key) for key in choices)]
    return gr.Dropdown(entries, value="", label=label, elem_id=f"bring-{name}", min_width=160)


def _text(label: Any, name: str) -> gr.Textbox:
    return gr.Textbox(
        label=label,
        placeholder=browser_text("Found by the check"),
        max_lines=1,
        elem_id=f"bring-{name}",
        min_width=160,
    )
