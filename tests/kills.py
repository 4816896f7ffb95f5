"""Ends a process by SIGKILL in the middle of what it writes to Milvus."""

import os
import signal
from collections.abc import Callable
from typing import Any

from pymilvus import MilvusClient

WRITES = "create_collection create_index upsert flush rename_collection drop_collection delete"


def kill_at(step: int) -> None:
    """End this process before a write to Milvus: before the first one at step 0."""

    def wrap(action: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal step
            step -= 1
            if step < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return action(*arguments, **options)

        return call

    for name in WRITES.split():
        setattr(MilvusClient, name, wrap(getattr(MilvusClient, name)))
