"""Classify failed calls to Milvus by gRPC status and error code: only some are worth a retry."""

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
    """Why a call failed, which decides whether it is retried."""

    AWAY = auto()  # no answer: the server may be restarting
    LATE = auto()  # no answer within the time limit; not retried, since the caller has waited
    STALE = auto()  # another process changed the collection, so cached state is out of date
    FAULT = auto()  # an internal error of the server: damage, or something temporary
    REFUSED = auto()  # an answer that a retry would get again
    DENIED = auto()  # wrong token
    NO_ADDRESS = auto()  # malformed URI


STATUS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: Failure.LATE,
    grpc.StatusCode.UNAUTHENTICATED: Failure.DENIED,
    grpc.StatusCode.PERMISSION_DENIED: Failure.DENIED,
    grpc.StatusCode.INVALID_ARGUMENT: Failure.REFUSED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Failure.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: Failure.REFUSED,
}
# Codes of the server, from pkg/util/merr of Milvus; Milvus Lite uses the older code 6.
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
    """Classify the error of a failed call.

    Args:
        error: A MilvusException or grpc.RpcError; pymilvus wraps the latter in the former.
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
    """Yield the gRPC statuses in a chain of causes; pymilvus makes chains with cycles."""
    visited: list[BaseException] = []
    while error is not None and error not in visited:
        visited.append(error)
        code = error.code() if isinstance(error, grpc.RpcError) else getattr(error, "code", None)
        if isinstance(code, grpc.StatusCode):
            yield code
        error = error.__cause__
