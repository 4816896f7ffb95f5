"""Ends a process by SIGKILL in the middle of what it does, such as writing to Milvus."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from pymilvus import MilvusClient

WRITES = "create_collection create_index upsert flush rename_collection drop_collection delete"


def kill_at(step: int, actions: Mapping[type, str] | None = None) -> None:
    """End this process before a step: before the first one at step 0.

    Args:
        step: The number of steps that are done.
        actions: The names of the methods that are steps, by their class; writes to Milvus by
            default.
    """

    def wrap(action: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal step
            step -= 1
            if step < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return action(*arguments, **options)

        return call

    for owner, names in (actions or {MilvusClient: WRITES}).items():
        for name in names.split():
            setattr(owner, name, wrap(getattr(owner, name)))
