"""Evaluate's ground truth in the page's address."""

from collections.abc import Mapping
from typing import Any

from searcher.errors import InvalidRequest, NotFound
from searcher.evaluation.evaluate import DEFAULT_K
from searcher.library.core import Library
from searcher.metrics.ground_truth import PROTOCOLS
from searcher.ui.components.address import MAX_SAID, read_number_of
from searcher.ui.components.truth_inputs import MAX_DEPTH, MAX_LIST, MAX_SHARE, depth_of
from searcher.ui.i18n import tr
from searcher.ui.requests.arguments import MAX_LABEL, read_number, read_text
from searcher.ui.requests.kept_uploads import KeptUploads

MAX_QUERIES = 40  # files in an address


def state_of(library: Library, values: tuple[Any, ...]) -> dict[str, str]:
    """Return the parameters for the values of GroundTruthInputs, which are untrusted.

    Files are named as uploads are; more than MAX_QUERIES of them are left out.
    """
    kept = KeptUploads(library.settings.samples_dir)
    qrels, protocol, queries, label, share, labels, names, _ = values
    depth = depth_of(values)

    def name(value: Any) -> str:
        return kept.entry(value).get("upload", "") if isinstance(value, dict) else ""

    files = queries if isinstance(queries, list) else []
    part = float(read_number(share or 0))
    state = {
        "qrels": name(qrels),
        "labels": name(labels),
        "queries": ",".join(map(name, files)) if len(files) <= MAX_QUERIES else "",
        "protocol": read_text(protocol, MAX_LABEL),
        "query_label": read_text(label, MAX_LABEL),
        "query_names": read_text(names, MAX_LIST),
        "query_share": f"{part:g}" if part else "",
        "depth": str(depth) if depth != DEFAULT_K else "",
    }
    return {key: value for key, value in state.items() if value}


def restore(
    library: Library, parameters: Mapping[str, str], reasons: list[str]
) -> tuple[list[Any], dict[str, str]]:
    """Return values of GroundTruthInputs, and the parameters that they really have.

    Args:
        library: The library.
        parameters: The parameters, which are untrusted.
        reasons: Gets a sentence for each that can't be followed.
    """
    kept = KeptUploads(library.settings.samples_dir)
    state: dict[str, str] = {}

    def files(key: str) -> list[str]:
        found, names = [], []
        for digest in filter(None, parameters[key].split(",")[:MAX_QUERIES]):
            try:
                found.append(kept.find({"upload": digest})["path"])
                names.append(digest)
            except (InvalidRequest, NotFound):
                reasons.append(tr("A file of the address is not kept any more: choose it again."))
        state.update({key: ",".join(names)} if names else {})
        return found

    def keep(key: str, value: str) -> str:
        state.update({key: value} if value else {})
        return value

    qrels, labels, queries = files("qrels"), files("labels"), files("queries")
    protocol = parameters["protocol"]
    if protocol and protocol not in PROTOCOLS:
        reasons.append(tr("There is no protocol “{name}”.", name=protocol[:MAX_SAID]))
        protocol = ""
    share = _share(parameters["query_share"], reasons)
    label = keep("query_label", parameters["query_label"][:MAX_LABEL])
    names = keep("query_names", parameters["query_names"][:MAX_LIST])
    keep("query_share", f"{share:g}" if share else "")
    depth = read_number_of(parameters, "depth", MAX_DEPTH, DEFAULT_K, reasons)
    keep("depth", str(depth) if depth != DEFAULT_K else "")
    first, named = next(iter(qrels), None), next(iter(labels), None)
    chosen = [first, keep("protocol", protocol), queries or None]
    return [*chosen, label, share, named, names, depth], state


def _share(text: str, reasons: list[str]) -> float:
    try:
        share = float(text or 0)
    except ValueError:
        share = -1.0
    if 0 <= share <= MAX_SHARE:
        return share
    reasons.append(tr("“{value}” is no share from 0 to 0.9.", value=text[:MAX_SAID]))
    return 0.0
