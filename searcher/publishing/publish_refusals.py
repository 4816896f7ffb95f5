"""What the Hub refuses when something is published, as messages that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import SpaceHardware, constants
from huggingface_hub.errors import HfHubHTTPError

from searcher.errors import PublishFailed
from searcher.hub_access.hub_failures import RAISED, HubRequest, explain
from searcher.messages.message import Message, message

MAX_REASON = 200  # letters of the Hub's own words


@contextmanager
def publish_errors(name: str, hardware: str = "") -> Iterator[None]:
    """Wrap calls of huggingface_hub that write: raises PublishFailed in place of all they raise.

    Args:
        name: `OWNER/NAME` of what is written.
        hardware: The Hub's name of a Space's hardware; "" for other repositories.
    """
    try:
        yield
    except RAISED as error:
        raise PublishFailed.of(_refusal(error, name, hardware)) from error


def _refusal(error: BaseException, name: str, hardware: str) -> Message:
    if not isinstance(error, HfHubHTTPError):
        refusal = explain(error, HubRequest(name))
        if refusal.code == "hub.unreachable":
            return message("publish.unreachable", url=constants.ENDPOINT)
        return refusal
    status, owner = error.response.status_code, name.partition("/")[0]
    match status:
        case 401:
            return message("publish.token")
        case 402 if hardware == SpaceHardware.ZERO_A10G.value:
            return message("publish.no_more_spaces", owner=owner)
        case 402:
            return message("publish.needs_pro", hardware=hardware or name)
        case 403:
            return message("publish.forbidden", owner=owner)
        case 409:
            return message("publish.name_taken", name=name)
    reason = error.server_message or error.response.reason_phrase
    reason = "".join(filter(str.isprintable, reason))[:MAX_REASON]
    return message("publish.refused", status=status, reason=reason)
