"""Jobs as Redis has them: with their messages, so that each reader has them in their language."""

from contextlib import suppress
from typing import Any

from searcher.library.jobs import PICTURES, JobState
from searcher.messages.message import Message, verbatim
from searcher.stores.job_store import JobStore


def running(store: JobStore, but: str = "") -> tuple[JobState, ...]:
    """Return the jobs of all processes, or of all but one, by id.

    Those that another version has written otherwise are left out.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    states: list[JobState] = []
    for document in store.read(but):
        with suppress(KeyError, TypeError, ValueError):
            states.append(_parse(document))
    return tuple(states)


def stored(state: JobState) -> dict[str, Any]:
    """Return the document of a job for Redis: that of `JobState.document`, and what it leaves out.

    The owner is among it: no document for people has it.
    """
    return state.document() | {
        "owner": state.owner,
        "can_stop": state.can_stop,
        "messages": [part and part.document() for part in (state.what, state.stage)],
    }


def _parse(document: dict[str, Any]) -> JobState:
    """Return the job of a document; one of another version may lack some of it."""
    what, stage = (*document.get("messages", ()), None, None)[:2]
    return JobState(
        id=document["id"],
        owner=document.get("owner", ""),
        what=Message.from_document(what) if what else verbatim(document["what"]),
        can_stop=document.get("can_stop", False),
        is_stopping=document["stopping"],
        stage=Message.from_document(stage) if stage else None,
        unit=document.get("unit", PICTURES),
        done=document["done"],
        total=document["total"] or 0,
        rate=document["rate"] or 0.0,
        is_elsewhere=True,
    )
