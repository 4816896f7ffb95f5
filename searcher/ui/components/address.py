"""The page's address is its state: every tab declares its part of it, and how it is brought back.

A component shows its state as a `data-link` attribute, which state.js announces. address.js puts
the state of the open tab into the address, a new history entry for each step, and asks `connect`
for the state of an address that was opened or gone back to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr
from starlette.requests import Request

from searcher.errors import InvalidRequest, StoreUnavailable, TwinlensError
from searcher.library.worker import Worker
from searcher.ui import toasts
from searcher.ui.components import scripts
from searcher.ui.i18n import sentence, tr
from searcher.ui.requests.arguments import read_count, read_event, read_text
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.requests.page_query import ADDRESS_KEYS
from searcher.ui.templating import render

# Parameters of the address, in this order; others are left alone.
KEYS = (
    "tab",
    "model",
    "models",
    "k",
    "method",
    "colour",
    "linked",
    "baselines",
    "measured",
    "qrels",
    "labels",
    "queries",
    "protocol",
    "query_label",
    "query_names",
    "query_share",
    "depth",
    "cost",
    "price",
    "changes",
    "votes",
    "look",
    "measure",
    "other",
    "side",
    "filter",
    "order",
    "page_number",
    "cut",
    *ADDRESS_KEYS,
    "hit",
)
MAX_VALUE = 12_000  # characters of one parameter
MAX_SAID = 40  # characters of a wrong value in a sentence
MAX_NEWS = 20_000
ON_LOAD = scripts.join("tabs", "address", "unanswered")
AGAIN = "() => { document.dispatchEvent(new Event('tl-again')); }"
READY = "() => { document.body.dataset.ready = ''; document.dispatchEvent(new Event('tl-ready')); }"


class Restore(Protocol):
    """Brings a tab's state back."""

    def __call__(
        self, parameters: Mapping[str, str], reasons: list[str], *values: Any
    ) -> tuple[list[Any], dict[str, str]]:
        """Return values of the tab's outputs, and the parameters that they really have.

        Args:
            parameters: The parameters of an address, which are untrusted; "" for missing ones.
            reasons: Gets a sentence for each of them that can't be followed.
            *values: The values of the tab's inputs.
        """


class Idle(Protocol):
    """Returns the values of a tab's outputs where another tab's state is brought back."""

    def __call__(self, *values: Any) -> list[Any]:
        """Return the values; see `Restore`."""


@dataclass(frozen=True)
class TabAddress:
    """A tab's part of the address.

    Attributes:
        tab: The tab's id.
        restore: Brings its state back.
        inputs: The components whose values `restore` gets.
        outputs: The components whose values it returns.
        idle: Returns other values for them; nothing changes by default.
    """

    tab: str
    restore: Restore
    inputs: Sequence[Any] = ()
    outputs: Sequence[Any] = ()
    idle: Idle | None = None


def plain(tab: str) -> TabAddress:
    """Return the part of a tab without a state of its own."""
    return TabAddress(tab, lambda parameters, reasons: ([], {"tab": tab}))


def is_given(request: gr.Request | Request) -> bool:
    """Whether the page was opened with an address that names a state."""
    return any(request.query_params.get(key) for key in KEYS)


def address_bar(first: str) -> gr.HTML:
    """Return the component of address.js; `first` is the tab that opens without an address."""
    return gr.HTML(_html(first), elem_id="address", js_on_load=ON_LOAD, visible="hidden")


def connect(
    bar: gr.HTML, ready: Any, tabs: Sequence[TabAddress], first: str, worker: Worker
) -> None:
    """Connect the events of the address.

    Args:
        bar: The component of `address_bar`.
        ready: The event after which states can be brought back.
        tabs: All tabs.
        first: The tab that opens without an address.
        worker: Its status tells when to ask again for what a store did not answer.
    """
    by_id = {tab.tab: tab for tab in tabs}
    news = gr.Textbox(visible="hidden")  # why an address can't be followed

    @show_errors
    def restore(event: gr.EventData, *values: Any) -> list[Any]:
        reasons: list[str] = []
        parameters = _read(read_event(event, "state"), reasons)
        name = parameters["tab"]
        if parameters["cut"]:
            reasons.append(tr("The address is too long to be followed."))
        if name not in by_id:
            if name:
                reasons.append(tr("There is no tab “{name}”.", name=name[:MAX_SAID]))
            query = any(parameters[key] for key in (*ADDRESS_KEYS, "model"))
            name = "search" if query else first
        outputs: list[Any] = []
        state: dict[str, str] = {}
        left, unanswered = list(values), ""
        for tab in tabs:
            inputs, left = left[: len(tab.inputs)], left[len(tab.inputs) :]
            unchanged = [gr.skip()] * len(tab.outputs)
            if tab.tab != name:
                outputs += tab.idle(*inputs) if tab.idle else unchanged
                continue
            status = worker.status
            try:
                updated, state = tab.restore(parameters, reasons, *inputs)
            except TwinlensError as error:  # of a store; the address stays as it is
                reasons.append(sentence(error.message))
                unanswered = status.version if isinstance(error, StoreUnavailable) else ""
                state = {key: value for key, value in parameters.items() if value}
                updated = unchanged
            outputs += updated
        if parameters["hit"] and "hit" not in state:
            reasons.append(tr("The picture that was open is not among those shown."))
        if state == {"tab": first}:  # as the page opens
            state = {}
        turn = read_count(read_event(event, "turn"), 2**31, 0)
        said = f"{turn} {' '.join(dict.fromkeys(reasons))}" if reasons else gr.skip()
        shown = {"state": state, "tab": name, "turn": turn, "unanswered": unanswered}
        return [*outputs, _html(first, **shown), said]

    @show_errors
    def warn(text: Any) -> None:
        _, _, reasons = read_text(text, MAX_NEWS).partition(" ")
        toasts.warning(reasons, title=tr("Warning"))

    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    bar.click(
        restore,
        [block for tab in tabs for block in tab.inputs],
        [*(block for tab in tabs for block in tab.outputs), bar, news],
        queue=False,  # which would add two requests; DirectCalls limits them all the same
        preprocess=False,
        concurrency_limit=4,
        concurrency_id="search",
        **private,
    )
    bar.submit(None, js=AGAIN, api_visibility="private")  # of unanswered.js
    news.change(warn, news, None, **private)  # only queued events can show a toast
    ready.then(None, js=READY, api_visibility="private")


def read_number_of(
    parameters: Mapping[str, str], key: str, most: int, default: int, reasons: list[str]
) -> int:
    """Return a number from 1 to `most` of an address; another one gets a sentence."""
    value = parameters[key]
    if not value:
        return default
    number = int(value[:MAX_SAID]) if value.isascii() and value.isdecimal() else 0
    count = min(number, most) or default
    if count != number:
        reasons.append(
            tr(
                "{key} is a number from 1 to {most}, not “{value}”.",
                key=key,
                most=most,
                value=value[:MAX_SAID],
            )
        )
    return count


def read_names(listed: Sequence[str], ready: Sequence[str], reasons: list[str]) -> list[str]:
    """Return those of the models named in an address that are ready."""
    names = [name for name in dict.fromkeys(listed) if name]
    missing = [name[:MAX_SAID] for name in names if name not in ready]
    reasons += [tr("The model “{name}” is not here.", name=name) for name in missing]
    return [name for name in names if name in ready]


def shown_hit(parameters: Mapping[str, str], ids: Sequence[int]) -> dict[str, str]:
    """Return the parameter of the opened picture if it is among the pictures with these ids."""
    hit = parameters["hit"]
    is_shown = hit.isascii() and hit.isdecimal() and int(hit[:MAX_SAID]) in ids
    return {"hit": hit} if is_shown else {}


def _read(state: Any, reasons: list[str]) -> dict[str, str]:
    """Return the parameters of an address, "" for those that are missing or too long."""
    given = state if isinstance(state, dict) else {}
    parameters = {}
    for key in KEYS:
        try:
            parameters[key] = read_text(given.get(key), MAX_VALUE)
        except InvalidRequest as error:
            reasons.append(sentence(error.message))
            parameters[key] = ""
    return parameters


def _html(first: str, **values: Any) -> str:
    values = {"state": {}, "tab": "", "turn": 0, "unanswered": ""} | values
    return render("address.html", keys=KEYS, first=first, **values)
