"""What went wrong at the Hugging Face Hub, as errors that say what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import HTTPError
from huggingface_hub import constants
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from searcher.errors import HubFailed
from searcher.messages.system import os_reason
from searcher.models.hub_reference import HubReference

DENIED = (401, 403)
MB = 1_000_000


@contextmanager
def hub_errors(reference: HubReference, size: int = 0) -> Iterator[None]:
    """Wrap calls of huggingface_hub: raises HubFailed in place of all that they raise.

    Args:
        reference: The repository that is asked for.
        size: The bytes that are downloaded.
    """
    try:
        yield
    except (HTTPError, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise explain(error, reference, size) from error


def explain(error: BaseException, reference: HubReference, size: int = 0) -> HubFailed:
    """Return the error that says what to do.

    Args:
        error: What huggingface_hub raised.
        reference: The repository that was asked for.
        size: The bytes that were to be downloaded.
    """
    name, url = reference.repository, constants.ENDPOINT
    match error:
        case LocalEntryNotFoundError() if error.__cause__ is not None:
            return explain(error.__cause__, reference, size)
        case OfflineModeIsEnabled() | LocalEntryNotFoundError():
            return HubFailed("hub.offline", name=name)
        case GatedRepoError():
            return HubFailed("hub.gated", name=name, url=f"{url}/{name}")
        case RevisionNotFoundError():
            return HubFailed("hub.no_revision", name=name, revision=reference.revision)
        case RepositoryNotFoundError() | RemoteEntryNotFoundError():
            return HubFailed("hub.no_repository", name=name)
        case HfHubHTTPError():
            status = error.response.status_code
            if status in DENIED:
                return HubFailed("hub.token")
            if status == 404:
                return HubFailed("hub.no_repository", name=name)
            return HubFailed("hub.status", status=status)
        case HTTPError() | ConnectionError() | TimeoutError():
            return HubFailed("hub.unreachable", url=url, name=name)
        case FileMetadataError():
            return HubFailed("hub.not_a_hub", url=url)
        case OSError():
            return _explain_disk(error, name, size)
        case _:  # an answer that is no JSON, or has not what the Hub's answers have
            return HubFailed("hub.not_a_hub", url=url)


def _explain_disk(error: OSError, name: str, size: int) -> HubFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HubFailed("hub.disk_full", name=name, mb=size // MB)
    if error.errno is None:  # fewer bytes came than were announced
        return HubFailed("hub.cut_off", name=name)
    return HubFailed("hub.cache", reason=os_reason(error))
