"""The page's address holds the query of Search or Compare, so that it can be shared."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

from searcher.errors import InvalidRequest, NotFound
from searcher.search.engine import MAX_RESULTS
from searcher.ui import toasts
from searcher.ui.components.defaults import DEFAULT_K
from searcher.ui.components.query_inputs import QueryInputs
from searcher.ui.i18n import sentence, tr
from searcher.ui.requests.live_query import LiveQuery
from searcher.ui.requests.page_query import ADDRESS_KEYS, PageQuery

KEYS = ("tab", "model", "models", "k", *ADDRESS_KEYS)
MAX_NAMES = 6  # models in an address


def link_script(bar_id: str) -> str:
    """Return JavaScript that puts the query shown in a bar into the address."""
    return """() => {
  const bar = document.querySelector("#BAR [data-link]");
  const link = new URLSearchParams(bar?.dataset.link);
  const address = new URL(location);
  for (const key of KEYS) address.searchParams.delete(key);
  for (const [key, value] of link) address.searchParams.set(key, value);
  history.replaceState(history.state, "", address);
}""".replace("BAR", bar_id).replace("KEYS", json.dumps(KEYS))


def read_address(request: gr.Request) -> dict[str, str]:
    """Return the parameters of the page's address, "" for missing ones."""
    return {key: str(request.query_params.get(key) or "") for key in KEYS}


def restore_query(
    inputs: QueryInputs, live: LiveQuery, parameters: Mapping[str, str]
) -> tuple[list[Any], Any]:
    """Replace a tab's query by that of the address; a warning says what can't be brought back.

    Args:
        inputs: The tab's inputs.
        live: The tab's query.
        parameters: The parameters of the address.

    Returns:
        The values of `inputs.components`, and the number of results.
    """
    values: list[Any] = [gr.skip()] * 3
    try:
        query = PageQuery.of_address(parameters)
        if not query.is_empty:
            values = inputs.put(live, query)
    except (NotFound, InvalidRequest) as error:  # an outdated link
        toasts.warning(sentence(error.message), title=tr("Warning"))
    if parameters["uploads"]:
        words = tr("An uploaded picture is not part of an address: drop it again.")
        toasts.warning(words, title=tr("Warning"))
    k = parameters["k"]
    count = min(int(k[:3]), MAX_RESULTS) if k.isdecimal() else DEFAULT_K
    return values, max(1, count) if k else gr.skip()


def read_names(listed: str, ready: Collection[str]) -> list[str]:
    """Return those of the models named in an address that are ready."""
    names = dict.fromkeys(listed.split(",")[:MAX_NAMES])
    return [name for name in names if name in ready]
