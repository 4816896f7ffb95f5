"""Access to Gradio's private interfaces (Gradio 6.31); see also patches.py.

No other module imports undocumented parts of Gradio.
"""

import inspect
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction as BlockFunction
from gradio.components.api_component import Api
from gradio.context import LocalContext
from gradio.exceptions import InvalidPathError
from gradio.helpers import Examples
from gradio.processing_utils import hash_file, move_files_to_cache, save_bytes_to_cache
from gradio.state_holder import SessionState as SessionState
from gradio.utils import get_upload_folder, is_in_or_equal
from gradio_client.utils import strip_invalid_filename_characters
from starlette.requests import Request
from starlette.types import ASGIApp, Scope

from searcher.ui.gradio_internals.event_queue import EventQueue
from searcher.ui.gradio_internals.stream_ends import WithStreamEnds

# For `launch`, which would request the page from its own server at last, and fail unless that comes
# within 3 s. The server has answered another request by then, for which there is no limit.
WITHOUT_SELF_CHECK: dict[str, Any] = {"_frontend": False}
REFUSED_KEY = "twinlens.refused"  # in a request's scope: its call was refused

# Raised by Gradio while it parses the values of a call: errors of the caller. NOT_UPLOADED lists
# those OSErrors that are; a full disk is not.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
NOT_UPLOADED = (InvalidPathError, FileNotFoundError, NotADirectoryError, IsADirectoryError)


def endpoint(page: gr.Blocks, name: str | None, number: int | None) -> BlockFunction | None:
    """Return the function with an API name or a number; None if it does not exist."""
    if number is not None:
        function = page.fns.get(number)
    else:
        function = next((fn for fn in page.fns.values() if fn.api_name == name), None)
    return function if function is not None and function.fn is not None else None


def fewest_values(function: BlockFunction) -> int:
    """Return how many values a call needs at least: programs leave those of gr.State out."""
    return sum(not block.skip_api for block in function.inputs)


def default_values(function: BlockFunction) -> list[Any]:
    """Return the defaults of an endpoint's last parameters, which Gradio requires of raw calls."""
    if function.fn is None or not all(isinstance(block, Api) for block in function.inputs):
        return []  # a function of the page: its other parameters are not values of a call
    parameters = list(inspect.signature(function.fn).parameters.values())
    defaults = [parameter.default for parameter in parameters[: len(function.inputs)]]
    return [default for default in defaults if default is not inspect.Parameter.empty]


def keep_events(page: gr.Blocks) -> None:
    """Have the browser send what Gradio would drop while an earlier event is being answered.

    Gradio drops it (`trigger_mode="once"`) unless a listener says otherwise or listens to changes:
    a second choice, a second Stop, files that come while others are added. It still drops those of
    buttons, which would ask for the same again, unless a script asks the visitor first.

    Args:
        page: A page with all its listeners, before it is served.
    """
    for function in page.fns.values():
        parts = [page.blocks.get(target) for target, _ in function.targets if target is not None]
        if function.trigger_mode != "once" or function.fn is None:
            continue
        if function.js or any(isinstance(part, gr.HTML | gr.File) for part in parts):
            function.trigger_mode = "multiple"  # each event has its own data
        elif not all(isinstance(part, gr.Button) for part in parts):
            function.trigger_mode = "always_last"  # reads the values of that time


def active_calls(page: gr.Blocks) -> Iterator[tuple[Request, BlockFunction]]:
    """Yield every waiting or running call, with its request."""
    for event in list(page._queue.event_ids_to_events.values()):
        yield event.request, event.fn


def replace_queue(page: gr.Blocks) -> None:
    """Give a page a queue that costs nothing while it is empty; to be called before it starts."""
    page._queue = EventQueue.like(page._queue)


def with_stream_ends(app: Any) -> ASGIApp:
    """Return Gradio's web app, made so that no call is accepted just as its page's stream ends."""
    return WithStreamEnds(app, app.get_blocks()._queue.ends)


def waiting_calls(page: gr.Blocks) -> int:
    """Return the number of calls that wait in the queue."""
    return len(page._queue)


def has_session(page: gr.Blocks, session: str) -> bool:
    """Whether a session has calls whose answers can be waited for."""
    return session in page._queue.pending_messages_per_session


def has_event(page: gr.Blocks, event: str) -> bool:
    """Whether a call is waiting or running, or its answer was not fetched yet."""
    queue = page._queue
    return event in queue.event_ids_to_events or has_session(page, event)


def event_data(event: gr.EventData) -> Any:
    """Return the data that the browser sent with a click."""
    return event._data


def mark_refused(request: Any) -> None:
    """Mark a gr.Request as refused, so that a direct answer gets status 400."""
    for item in request if isinstance(request, list) else [request]:
        if isinstance(item, gr.Request) and (inner := item.request) is not None:
            inner.scope[REFUSED_KEY] = True


def request_of_call() -> gr.Request | None:
    """Return the current request; None outside of requests."""
    return LocalContext.request.get(None)


def is_upload(path: str) -> bool:
    """Whether a path lies in Gradio's upload folder."""
    return is_in_or_equal(path, get_upload_folder())


def file_name(name: str) -> str:
    """Return a name without characters that file systems refuse; may be empty."""
    return str(strip_invalid_filename_characters(name))


def set_request_context(scope: Scope) -> None:
    """Make a request the current one, so that messages are in its language."""
    LocalContext.request.set(gr.Request(Request(scope)))


def show_instead(examples: Examples, image: gr.Image, paths: Sequence[Path]) -> None:
    """Show other files for examples of an image box; a click still takes the examples themselves.

    Args:
        examples: Its examples, one file each.
        image: The image box.
        paths: The files to show, one for each example; they are copied.
    """
    box: Any = image
    examples.dataset.samples = [
        [move_files_to_cache(box.as_example(str(path)), box, keep_in_cache=True)] for path in paths
    ]


def permanent_files(page: gr.Blocks) -> set[str]:
    """Return the cached files that belong to the page itself, such as the examples."""
    return {str(path) for block in page.blocks.values() for path in block.keep_in_cache}


def upload_folder() -> Path:
    """Return Gradio's upload folder, relative to the working folder as in the paths of uploads."""
    return Path(get_upload_folder())


def cached_path(path: Path) -> Path:
    """Return where Gradio keeps its copy of a file, which it may not have made yet."""
    return upload_folder() / hash_file(path) / file_name(path.name)


def cache_picture(data: bytes, name: str) -> str:
    """Store a picture for an image box; return its path as Gradio will name it."""
    path: str = save_bytes_to_cache(data, name, get_upload_folder())
    return os.path.relpath(path)
