"""What the server answers to a request that it does not serve: a status, a sentence, its code."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from searcher.messages.message import Message
from searcher.ui.gradio_internals import set_request_context
from searcher.ui.i18n import sentence

CODE_HEADER = "X-Error-Code"  # where the body is plain text, or another's


def refusal(
    scope: Scope, status: int, message: Message, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer in the visitor's language.

    Args:
        scope: The request's.
        status: The HTTP status.
        message: Why.
        headers: Further headers.

    Returns:
        JSON {"detail": sentence, "code"}.
    """
    set_request_context(scope)
    return JSONResponse({"detail": sentence(message), "code": message.code}, status, headers)


def plain_refusal(scope: Scope, status: int, message: Message) -> Response:
    """The same as plain text, which is what uploads show; the code is in a header."""
    set_request_context(scope)
    return PlainTextResponse(sentence(message), status, {CODE_HEADER: message.code})


def http_error(status: int, message: Message) -> HTTPException:
    """The same to be raised inside of Gradio's own routes."""
    return HTTPException(status, sentence(message), {CODE_HEADER: message.code})
