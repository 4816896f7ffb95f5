"""What a failed call to Milvus means, by gRPC status and error code: only some can pass."""

from collections.abc import Iterator
from enum import Enum, auto

import grpc
from pymilvus.client.types import Status
from pymilvus.exceptions import (
    ConnectionConfigException,
    DataNotMatchException,
    ErrorCode,
    MilvusException,
    ParamError,
)


class Failure(Enum):
    """Why a call failed, and so whether the next try may be more fortunate."""

    AWAY = auto()  # nobody answers: the server may be back in a moment
    LATE = auto()  # no answer within the time limit, which has made the caller wait long enough
    STALE = auto()  # another process has changed the collection meanwhile
    FAULT = auto()  # the server failed at it: perhaps damage, perhaps a moment's confusion
    REFUSED = auto()  # an answer that every further try would get
    DENIED = auto()  # the token
    NO_ADDRESS = auto()  # the URI


STATUS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: Failure.LATE,
    grpc.StatusCode.UNAUTHENTICATED: Failure.DENIED,
    grpc.StatusCode.PERMISSION_DENIED: Failure.DENIED,
    grpc.StatusCode.INVALID_ARGUMENT: Failure.REFUSED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Failure.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: Failure.REFUSED,
}
# Codes of the server, from pkg/util/merr of Milvus; Milvus Lite uses the older 6.
CODES: dict[int, Failure] = {
    Status.CONNECT_FAILED: Failure.AWAY,
    3: Failure.REFUSED,  # its memory is full
    4: Failure.AWAY,  # too many requests
    6: Failure.REFUSED,  # illegal argument
    7: Failure.REFUSED,  # its disk is full
    ErrorCode.RATE_LIMIT: Failure.AWAY,
    ErrorCode.FORCE_DENY: Failure.REFUSED,  # a quota
    ErrorCode.COLLECTION_NOT_FOUND: Failure.STALE,
    101: Failure.STALE,  # collection not loaded
    103: Failure.STALE,  # collection not loaded completely yet
    ErrorCode.INDEX_NOT_FOUND: Failure.STALE,
    1100: Failure.REFUSED,  # invalid parameter
    1400: Failure.DENIED,
    1401: Failure.DENIED,
}


def classify(error: Exception) -> Failure:
    """Tell what a failed call means.

    Args:
        error: A MilvusException or grpc.RpcError; pymilvus wraps the latter into the former.
    """
    if isinstance(error, ConnectionConfigException):
        return Failure.NO_ADDRESS
    if isinstance(error, (DataNotMatchException, ParamError)):
        return Failure.REFUSED
    if statuses := list(_statuses(error)):
        return next((STATUS[status] for status in statuses if status in STATUS), Failure.AWAY)
    if not isinstance(error, MilvusException):
        return Failure.AWAY
    if error.is_input_error:
        return Failure.REFUSED
    return CODES.get(int(error.code), Failure.AWAY if error.retriable else Failure.FAULT)


def _statuses(error: BaseException | None) -> Iterator[grpc.StatusCode]:
    """The gRPC statuses in a chain of causes, which pymilvus closes into circles."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        code = error.code() if isinstance(error, grpc.RpcError) else getattr(error, "code", None)
        if isinstance(code, grpc.StatusCode):
            yield code
        error = error.__cause__
