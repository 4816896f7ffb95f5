"""What went wrong at the Hugging Face Hub, as messages that say what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from httpx2 import HTTPError
from huggingface_hub import constants
from huggingface_hub.errors import (
    CachedRepoTreeNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
)

from searcher.errors import TwinlensError
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason

DENIED = (401, 403)
MB = 1_000_000
# Errors of huggingface_hub and of httpx, and what answers that are no Hub's lead to.
RAISED = (
    HTTPError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RevisionResolutionError,
    CachedRepoTreeNotFoundError,
)
NOT_FOUND = (RepositoryNotFoundError, RemoteEntryNotFoundError, HFValidationError)
NOT_CACHED = (
    OfflineModeIsEnabled,
    LocalEntryNotFoundError,
    RevisionResolutionError,
    CachedRepoTreeNotFoundError,
)


@dataclass(frozen=True)
class HubRequest:
    """What is asked of the Hub.

    Attributes:
        name: OWNER/NAME of a model, datasets/OWNER/NAME of a data set.
        revision: The branch, tag or commit.
        size: The bytes that are downloaded.
        anonymous: Whether no access token is sent, because a visitor asks.
    """

    name: str
    revision: str = ""
    size: int = 0
    anonymous: bool = False


@contextmanager
def hub_errors(failure: type[TwinlensError], request: HubRequest) -> Iterator[None]:
    """Wrap calls of huggingface_hub: raises `failure` in place of all that they raise."""
    try:
        yield
    except RAISED as error:
        raise failure.of(explain(error, request)) from error


def explain(error: BaseException, request: HubRequest) -> Message:
    """Return the message that says what to do about an error of huggingface_hub."""
    name, url = request.name, constants.ENDPOINT
    match error:
        case _ if isinstance(error, NOT_CACHED) and error.__cause__ is not None:
            return explain(error.__cause__, request)
        case _ if isinstance(error, NOT_CACHED):
            if constants.is_offline_mode():
                return message("hub.offline", name=name)
            return message("hub.unreachable", url=url, name=name)
        case GatedRepoError():
            return gated(request)
        case RevisionNotFoundError():
            return message("hub.no_revision", name=name, revision=request.revision)
        case HfHubHTTPError() | HFValidationError() | RemoteEntryNotFoundError():
            return _explain_answer(error, request)
        case HTTPError() | ConnectionError() | TimeoutError():
            return message("hub.unreachable", url=url, name=name)
        case FileMetadataError():
            return message("hub.not_a_hub", url=url)
        case OSError():
            return _explain_disk(error, request)
        case _:  # an answer that is no JSON, or has not what the Hub's answers have
            return message("hub.not_a_hub", url=url)


def gated(request: HubRequest) -> Message:
    """Return the message about a repository whose conditions must be accepted first."""
    if request.anonymous:
        return message("hub.not_public", name=request.name)
    return message("hub.gated", name=request.name, url=f"{constants.ENDPOINT}/{request.name}")


def _explain_answer(
    error: HfHubHTTPError | HFValidationError | RemoteEntryNotFoundError, request: HubRequest
) -> Message:
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    is_missing = isinstance(error, NOT_FOUND) or status == 404
    if request.anonymous and (is_missing or status in DENIED):
        return message("hub.not_public", name=request.name)
    if is_missing:
        return message("hub.no_repository", name=request.name)
    if status in DENIED:
        return message("hub.token")
    return message("hub.status", status=status)


def _explain_disk(error: OSError, request: HubRequest) -> Message:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return message("hub.disk_full", name=request.name, mb=request.size // MB)
    if error.errno is None:  # fewer bytes came than were announced
        return message("hub.cut_off", name=request.name)
    return message("hub.cache", reason=os_reason(error))
