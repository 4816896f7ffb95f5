"""Error responses: a status, a sentence in the visitor's language, and its code."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from searcher.messages.message import Message
from searcher.ui.gradio_internals import set_request_context
from searcher.ui.i18n import sentence

CODE_HEADER = "X-Error-Code"  # for bodies that are plain text or made by Gradio


def refusal(
    scope: Scope, status: int, message: Message, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error response in the visitor's language.

    Args:
        scope: The request's ASGI scope.
        status: The HTTP status.
        message: The reason.
        headers: Additional headers.

    Returns:
        JSON {"detail": sentence, "code"}.
    """
    set_request_context(scope)
    return JSONResponse({"detail": sentence(message), "code": message.code}, status, headers)


def plain_refusal(scope: Scope, status: int, message: Message) -> Response:
    """Return an error response as plain text, which uploads show; the code is in a header."""
    set_request_context(scope)
    return PlainTextResponse(sentence(message), status, {CODE_HEADER: message.code})


def http_error(status: int, message: Message) -> HTTPException:
    """Return an exception to raise inside Gradio's routes."""
    return HTTPException(status, sentence(message), {CODE_HEADER: message.code})
