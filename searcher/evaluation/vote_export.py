"""The votes of the arena as documents and as CSV, with the names of pictures and models."""

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from searcher.evaluation.arena import Arena
from searcher.library.core import Library
from searcher.stores.pairing import Vote

FORMULA = tuple("=+-@\t\r")  # begin formulas in spreadsheets
COLUMNS = (
    *("time", "kind", "query", "name", "text"),
    *("first", "first_title", "second", "second_title"),
    *("outcome", "winner", "winner_title", "blind"),
)


def vote_documents(
    library: Library, latest: int = 0, models: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return every vote, or the latest ones, oldest first; of those on all of some models.

    Each has `time`, in seconds since 1970; the `kind` of the query, "picture", "words" or "own
    picture"; `query`, the picture's id; `name`, the picture's name while it is in the library, and
    `text`, the words; both models' names and titles; `outcome`, "first", "second", "tie" or "both
    bad"; the `winner`, "" if there is none; and `blind`, false where the visitor had seen the
    models' names by a vote that was undone.
    """
    votes = Arena(library).votes(latest, models)
    titles = {model.name: model.display for model in library.registry.ready()}
    ids = list(dict.fromkeys(vote.query for vote in votes if not vote.text))
    records = zip(ids, library.records.get(ids), strict=True)
    names = {picture_id: _text(record.name) for picture_id, record in records if record is not None}
    return [_document(vote, names, titles) for vote in votes]


def votes_csv(library: Library, models: Collection[str] = ()) -> str:
    """Return votes as CSV, as `vote_documents`; a "'" precedes what a spreadsheet would execute."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for document in vote_documents(library, models=models):
        writer.writerow({name: spreadsheet_safe(value) for name, value in document.items()})
    return out.getvalue()


def votes_json(library: Library) -> str:
    """Return every vote as a JSON list, oldest first; see `vote_documents`."""
    return json.dumps(vote_documents(library), indent=1, ensure_ascii=False)


def _document(vote: Vote, names: Mapping[int, str], titles: Mapping[str, str]) -> dict[str, Any]:
    values: Sequence[Any] = (
        *(vote.time, vote.kind, vote.query),
        *(names.get(vote.query, ""), vote.text),
        *(vote.first, titles.get(vote.first, vote.first)),
        *(vote.second, titles.get(vote.second, vote.second)),
        *(vote.outcome, vote.winner, titles.get(vote.winner, vote.winner), vote.is_blind),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(name: str) -> str:
    """Replace bytes of a file's name that are no UTF-8."""
    return name.encode("utf-8", "replace").decode()


def spreadsheet_safe(value: Any) -> Any:
    """Return a value of a CSV file, with a "'" before what a spreadsheet would execute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
