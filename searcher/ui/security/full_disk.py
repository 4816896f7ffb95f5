"""The response to an upload that can't be stored because the disk is full."""

import errno
import logging

from starlette.requests import Request
from starlette.responses import Response

from searcher.files import cannot_write
from searcher.ui.requests.refusals import plain_refusal

log = logging.getLogger(__name__)


async def answer(request: Request, error: Exception) -> Response:
    """Handle an OSError of a request: one sentence with status 507 (RFC 4918).

    The page and gradio_client show that sentence.

    Raises:
        OSError: If the cause is not a full disk.
    """
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    log.error("an upload can't be kept: %s", error.strerror)
    return plain_refusal(request.scope, 507, cannot_write(error).message)
