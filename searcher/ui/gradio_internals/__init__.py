"""All that the page uses of Gradio's private interfaces (Gradio 6.31); see also patches.py.

Nothing else imports what Gradio does not document.
"""

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction as BlockFunction
from gradio.context import LocalContext
from gradio.exceptions import InvalidPathError
from gradio.state_holder import SessionState as SessionState
from gradio.utils import get_upload_folder, is_in_or_equal
from gradio_client.utils import strip_invalid_filename_characters
from starlette.requests import Request
from starlette.types import Scope

REFUSED_KEY = "twinlens.refused"  # in a request's scope: the fault was the caller's

# What Gradio raises while it reads the values of a call; they are the caller's fault, unlike a
# full disk, which is an OSError, too.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
NOT_UPLOADED = (InvalidPathError, FileNotFoundError, NotADirectoryError, IsADirectoryError)


def endpoint(page: gr.Blocks, name: str | None, number: int | None) -> BlockFunction | None:
    """Return the function that a call names or numbers, None where there is none to call."""
    if number is not None:
        function = page.fns.get(number)
    else:
        function = next((fn for fn in page.fns.values() if fn.api_name == name), None)
    return function if function is not None and function.fn is not None else None


def value_counts(function: BlockFunction) -> tuple[int, int]:
    """How many values a call needs: of the page, and of a program, which has no gr.State."""
    return len(function.inputs), sum(not block.skip_api for block in function.inputs)


def active_calls(page: gr.Blocks) -> Iterator[tuple[Request, BlockFunction]]:
    """Every call that waits or runs, with the request it came by."""
    for event in list(page._queue.event_ids_to_events.values()):
        yield event.request, event.fn


def has_session(page: gr.Blocks, session: str) -> bool:
    """Whether anything was asked in a session, so that there are answers to wait for."""
    return session in page._queue.pending_messages_per_session


def has_event(page: gr.Blocks, event: str) -> bool:
    """Whether an answer can still be had: the call is under way, or its answer was not fetched."""
    queue = page._queue
    return event in queue.event_ids_to_events or has_session(page, event)


def event_data(event: gr.EventData) -> Any:
    """What the browser sent along with a click."""
    return event._data


def mark_refused(request: Any) -> None:
    """Note in a gr.Request that its call was refused, for the status of a direct answer."""
    for item in request if isinstance(request, list) else [request]:
        if isinstance(item, gr.Request) and (inner := item.request) is not None:
            inner.scope[REFUSED_KEY] = True


def request_of_call() -> gr.Request | None:
    """Return the request that is being answered, None outside of requests."""
    return LocalContext.request.get(None)


def is_upload(path: str) -> bool:
    """Whether a path lies in the folder of what was uploaded."""
    return is_in_or_equal(path, get_upload_folder())


def file_name(name: str) -> str:
    """Return a name without what file systems refuse; it may become empty."""
    return str(strip_invalid_filename_characters(name))


def set_request_context(scope: Scope) -> None:
    """Let sentences be in the language of whoever sent a request."""
    LocalContext.request.set(gr.Request(Request(scope)))


def permanent_files(page: gr.Blocks) -> set[str]:
    """The cached files that belong to the page itself, such as the examples."""
    return {str(path) for block in page.blocks.values() for path in block.keep_in_cache}
