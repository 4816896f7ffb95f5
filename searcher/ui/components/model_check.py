"""The check of a network that a visitor brings, for the page and for programs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from searcher.errors import InvalidRequest, NotAllowed
from searcher.export.adopt_choices import parse_choices
from searcher.export.hub import HubModel, describe
from searcher.library.core import Library
from searcher.library.proposals import Check, Proposal
from searcher.messages.message import Message
from searcher.models.hub_reference import FULL, named, parse
from searcher.ui.requests.arguments import MAX_LABEL, MAX_REFERENCE, read_text
from searcher.ui.requests.parsing import refuse_if_read_only, uploaded_files
from searcher.ui.security.metered_library import charge, charge_download, current_visitor


def check_for_visitor(
    library: Library,
    file: Any,
    reference: Any,
    name: Any,
    variant: Any,
    choices: Any,
    report: Callable[[Message], None] = lambda stage: None,
) -> Proposal:
    """Check a network; the visitor's jobs can stop it. All values are untrusted.

    Args:
        library: The library that it may become a model of.
        file: An uploaded ONNX file, or None.
        reference: hf:OWNER/NAME[@REVISION], if there is no file.
        name: Of the new model, "" for the default.
        variant: Of a network of the Hub, "" for the most precise one.
        choices: Options of `adopt`, see adopt_choices.py.
        report: Called with each stage.

    Raises:
        InvalidRequest: A value has the wrong type, or there is neither file nor reference.
        NoRoom: The visitor's quota is used up.
        ExportFailed: The network can't be used, or needs a choice.
    """
    refuse_if_read_only(library)
    charge(library)
    if not isinstance(choices, dict):
        raise InvalidRequest("request.choices")
    with library.jobs.begin(current_visitor()) as job:
        check = _prepare(library, file, reference, read_text(name, MAX_LABEL), variant, choices)
        job.on_stop = check.cancel
        if job.is_stopped:  # before there was anything to cancel
            check.cancel()
        return check.run(report)


def describe_for_visitor(
    library: Library, reference: str, variant: Any, words: bool = True
) -> HubModel:
    """Describe a model of the Hub; see `hub.describe`.

    Visitors get public models only, unless the server may use its access token for them.

    Raises:
        InvalidRequest: A value has the wrong type.
        NotAllowed: The server may fetch nothing for visitors.
        HubFailed: It does not exist, is not public, or can't be read.
    """
    if not library.settings.allow_urls:
        raise NotAllowed("proposal.not_allowed")
    anonymous = not library.settings.visitors_use_hf_token
    return describe(parse(reference), read_text(variant, MAX_LABEL) or None, anonymous, words)


def _prepare(
    library: Library, file: Any, reference: Any, name: str, variant: Any, choices: dict[str, Any]
) -> Check:
    if file:
        (upload,) = uploaded_files([file], library.settings.max_model_mb)
        default = named(Path(upload.name).stem, FULL)
        return library.proposals.check_file(upload.path, name or default, choices)
    text = read_text(reference, MAX_REFERENCE)
    if not text.strip():
        raise InvalidRequest("proposal.nothing")
    words = parse_choices(choices).get("words", True)
    model = describe_for_visitor(library, text, variant, words)
    network = replace(model.network(name), choices=json.dumps(choices))
    check = library.proposals.check(network)
    charge_download(library, model.bytes)
    return check
