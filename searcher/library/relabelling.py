"""Set the label of pictures, and undo it.

Before anything changes the former labels are written to a file of the data folder, so that a change
that was interrupted can be undone as well.
"""

import json
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from searcher.errors import InvalidRequest, NotFound
from searcher.files import disk_errors, write_whole
from searcher.images.sources import MAX_NAME, printable
from searcher.indexing.prefetch import chunks
from searcher.library.core import Library
from searcher.library.labelling import PART, set_labels

FOLDER = "relabelled"  # in the data folder
PREFIX = "labels-"
BATCH = re.compile(PREFIX + r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
STAMP = "%Y%m%dT%H%M%S.%fZ"
KEPT = 50  # batches; earlier ones can't be undone


@dataclass(frozen=True)
class Relabelling:
    """The number of pictures that got another label, and the batch that undoes it; "" without."""

    count: int
    batch: str


def set_label(library: Library, ids: Iterable[int], label: str) -> Relabelling:
    """Give pictures a label; ids that are not in the library are ignored.

    Filters, counts and the next evaluation follow. A later run of `index` leaves the labels, unless
    a file of labels names the pictures.

    Args:
        library: The library.
        ids: The pictures.
        label: Their label; "" for none.

    Raises:
        InvalidRequest: The label is too long.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    text = label.strip()
    if len(text) > MAX_NAME:
        raise InvalidRequest("request.text_too_long", most=MAX_NAME)
    text = printable(text)
    library.identity.require()
    former: dict[int, str] = {}
    for part in chunks(sorted(set(ids)), PART):
        records = [record for record in library.records.get(part) if record is not None]
        former |= {record.id: record.label for record in records if record.label != text}
    if not former:
        return Relabelling(0, "")
    name = f"{PREFIX}{datetime.now(UTC).strftime(STAMP)}-{secrets.token_hex(4)}"
    document = {"label": text, "former": {str(number): old for number, old in former.items()}}
    write_whole(_path(library, name), json.dumps(document).encode())
    count = len(set_labels(library, dict.fromkeys(former, text)))
    for batch in _batches(library)[:-KEPT]:
        _delete(library, batch)
    return Relabelling(count, name)


def undo_label(library: Library, batch: str = "") -> int:
    """Give the pictures of a batch their former labels; those with another label by now keep it.

    Args:
        library: The library.
        batch: The batch; the latest if empty.

    Returns:
        The number of pictures that were changed.

    Raises:
        NotFound: There is no such batch.
        StrangeStores: The stores belong to another library.
        StoreUnavailable: A store does not answer.
        DiskFull, CannotWrite: A file can't be written.
    """
    library.identity.require()
    # The name may come from a visitor: only a name in the listing becomes a path.
    batches = _batches(library)
    name = batch or max(batches, default="")
    if name not in batches:
        raise NotFound("label.nothing")
    try:
        document = json.loads(_path(library, name).read_bytes())
        label = str(document["label"])
        former = {int(number): str(old) for number, old in document["former"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotFound("label.nothing") from error
    count = 0
    for part in chunks(sorted(former), PART):
        records = [record for record in library.records.get(part) if record is not None]
        back = {record.id: former[record.id] for record in records if record.label == label}
        count += len(set_labels(library, back))
    _delete(library, name)
    return count


def _batches(library: Library) -> list[str]:
    """Return the names of the batches, the oldest first."""
    paths = (library.settings.data / FOLDER).glob(f"{PREFIX}*.json")
    return sorted(path.stem for path in paths if BATCH.fullmatch(path.stem))


def _delete(library: Library, batch: str) -> None:
    with disk_errors(), suppress(FileNotFoundError):
        _path(library, batch).unlink()


def _path(library: Library, batch: str) -> Path:
    return library.settings.data / FOLDER / f"{batch}.json"
