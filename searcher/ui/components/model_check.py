"""The check of a network or of vectors that a visitor brings, for the page and for programs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from searcher.datasets.vector_source import is_vector_source
from searcher.errors import InvalidRequest, NotAllowed
from searcher.export.adopt_choices import parse_choices
from searcher.export.hub import HubModel, describe
from searcher.library.core import Library
from searcher.library.proposals import Check, Proposal
from searcher.library.vector_probe import probe
from searcher.library.vector_proposals import VectorFiles, default_name, propose
from searcher.messages.message import Message, message
from searcher.models.hub_reference import FULL, named, parse
from searcher.ui.requests.arguments import MAX_LABEL, MAX_REFERENCE, read_text
from searcher.ui.requests.parsing import refuse_if_read_only, uploaded_files
from searcher.ui.security.metered_library import charge, charge_download, current_visitor

VECTOR_CHOICES = ("column", "ids", "title")


def check_for_visitor(
    library: Library,
    file: Any,
    reference: Any,
    name: Any,
    variant: Any,
    choices: Any,
    report: Callable[[Message], None] = lambda stage: None,
    ids: Any = None,
) -> Proposal:
    """Check a network or vectors; the visitor's jobs can stop it. All values are untrusted.

    Args:
        library: The library that it may become a model of.
        file: An uploaded ONNX file or file of vectors, or None.
        reference: hf:OWNER/NAME[@REVISION], if there is no file.
        name: Of the new model, "" for the default.
        variant: Of a network of the Hub, "" for the most precise one.
        choices: Options of `adopt`, see adopt_choices.py; of vectors, VECTOR_CHOICES.
        report: Called with each stage.
        ids: Of vectors, an uploaded file that says which picture each row is of, or None.

    Raises:
        InvalidRequest: A value has the wrong type, or there is neither file nor reference.
        NoRoom: The visitor's quota is used up.
        ExportFailed: The network or the vectors can't be used, or need a choice.
    """
    refuse_if_read_only(library)
    charge(library)
    if not isinstance(choices, dict):
        raise InvalidRequest("request.choices")
    with library.jobs.begin(current_visitor(), message("job.checking_model")) as job:
        if is_of_vectors(file):
            files = _vector_files(library, file, ids, choices)
            title = read_text(name, MAX_LABEL) or default_name(files.name)
            probe(files.path, files.name, files.column, files.ids, lambda: job.is_stopped)
            return propose(
                library,
                files,
                title,
                lambda row: report(message("vectors.reading", row=row)),
                lambda: job.is_stopped,
            )
        check = _prepare(library, file, reference, read_text(name, MAX_LABEL), variant, choices)
        job.on_stop = check.cancel
        if job.is_stopped:  # before there was anything to cancel
            check.cancel()
        return check.run(report)


def is_of_vectors(file: Any) -> bool:
    """Whether an upload, which is untrusted, has the name of a file of vectors."""
    name = file.get("orig_name") or file.get("path") if isinstance(file, dict) else None
    return is_vector_source(str(name or ""))


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


def _vector_files(library: Library, file: Any, ids: Any, choices: dict[str, Any]) -> VectorFiles:
    settings = library.settings
    (upload,) = uploaded_files([file], settings.max_model_mb)
    keys = uploaded_files([ids], settings.max_upload_mb)[0] if ids else None
    for option in choices:
        if option not in VECTOR_CHOICES:
            listed = ", ".join(VECTOR_CHOICES)
            raise InvalidRequest("vectors.unknown_option", name=str(option)[:80], choices=listed)
    column, row_ids, title = (read_text(choices.get(key, ""), MAX_LABEL) for key in VECTOR_CHOICES)
    return VectorFiles(
        upload.path,
        upload.name,
        column,
        row_ids,
        keys.path if keys else None,
        keys.name if keys else "",
        title,
    )


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
