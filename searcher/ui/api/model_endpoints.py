"""The named endpoints that install and measure models; they change the library."""

import json
from dataclasses import replace
from typing import Any

from gradio import FileData
from gradio.events import api as add_endpoint

from searcher.export.hub import HubModel
from searcher.library import serializers
from searcher.library.core import Library
from searcher.library.worker import Worker
from searcher.ui.components.model_check import check_for_visitor, describe_for_visitor
from searcher.ui.requests.arguments import MAX_LABEL, MAX_REFERENCE, read_model, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.parsing import refuse_if_read_only
from searcher.ui.security.metered_library import charge, charge_download


def add(library: Library, worker: Worker) -> None:
    """Add the endpoints to the page that is being built."""

    @show_errors
    def install(model: str) -> list[dict[str, Any]]:
        """Start the installation of a network. Returns the list of `models`, with its state.

        Args:
            model: The name of a network that `models` lists as available.
        """
        worker.install(read_model(model))
        return serializers.models(library)

    @show_errors
    def describe_model(source: str, variant: str = "") -> dict[str, Any]:
        """Describe a model on the Hugging Face Hub before `adopt`.

        Returns {"repository", "commit", "variant", "variants", "files", "mb", "mb_words",
        "licence", "gated", "name"}: "mb" are downloaded, "mb_words" of these only for words, and
        the last is the default name of the model.

        Args:
            source: hf:OWNER/NAME or hf:OWNER/NAME@REVISION.
            variant: Such as fp32, fp16 or q8; the first that there is by default.
        """
        return find_on_hub(source, variant, True).document()

    @show_errors
    def adopt(
        source: str, name: str = "", variant: str = "", words: bool = True
    ) -> list[dict[str, Any]]:
        """Start the download and adoption of a model on the Hugging Face Hub.

        Returns the list of `models`, with its state.

        Args:
            source: hf:OWNER/NAME or hf:OWNER/NAME@REVISION.
            name: Of the new model; by default that of the repository.
            variant: Such as fp32, fp16 or q8; the first that there is by default.
            words: Whether its side for words comes, too, where it has one.
        """
        model = find_on_hub(source, variant, words is not False)
        charge_download(library, model.bytes)
        network = model.network(read_text(name, MAX_LABEL))
        choices = json.dumps({"words": words is not False})
        worker.adopt(replace(network, choices=choices))
        return serializers.models(library)

    @show_errors
    def check_model(
        file: FileData | None = None,
        source: str = "",
        name: str = "",
        variant: str = "",
        choices: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Check an ONNX network, and keep the model made of it for an hour, for `add_model`.

        Returns {"token", "name", "report", "guesses", "mb"}: sentences on what was read of the
        network, and on what was guessed.

        Args:
            file: An ONNX file.
            source: hf:OWNER/NAME or hf:OWNER/NAME@REVISION, if there is no file.
            name: Of the new model; by default that of the file or repository.
            variant: Such as fp32, fp16 or q8; the first that there is by default.
            choices: Options of `adopt`: any of input, layout, size, output, output_layout, pool,
                preprocess, fit, resize, resample and words (false to leave its side for words out).
        """
        return check_for_visitor(library, file, source, name, variant, choices or {}).document()

    @show_errors
    def add_model(token: str) -> list[dict[str, Any]]:
        """Add the model that `check_model` made. Returns the list of `models`.

        Args:
            token: What `check_model` returned.
        """
        worker.accept(read_text(token, MAX_LABEL))
        return serializers.models(library)

    def find_on_hub(source: str, variant: str, words: bool) -> HubModel:
        refuse_if_read_only(library)
        charge(library)
        return describe_for_visitor(library, read_text(source, MAX_REFERENCE), variant, words)

    @show_errors
    def measure_speeds() -> list[dict[str, Any]]:
        """Measure every model's speed again, as soon as nothing else is running.

        Returns the list of `models`, still with the former speeds.
        """
        worker.measure()
        return serializers.models(library)

    # Documented endpoints become MCP tools; language models must not change the library.
    visibility: Any = "undocumented" if library.settings.mcp else "public"
    for change in (install, describe_model, adopt, check_model, add_model, measure_speeds):
        add_endpoint(
            change, api_name=change.__name__, concurrency_limit=1, api_visibility=visibility
        )
