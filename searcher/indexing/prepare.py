"""Prepare one picture file for the models: read, hash, decode, resize."""

import threading
import time
from dataclasses import dataclass, field, replace

from searcher.errors import BadImage
from searcher.images.pictures import Picture, UInt8Array, fingerprint, identify
from searcher.images.sources import Source
from searcher.images.stamps import Stamp, is_unchanged, stamp_of
from searcher.indexing.render_files import Files, Render
from searcher.indexing.unfinished import UnfinishedFiles
from searcher.models.embedder import Embedder
from searcher.models.registry import Model
from searcher.stores.path_index import Entry
from searcher.stores.records import Record

READ_AHEAD_BYTES = 64 * 2**20  # of all files between reading and decoding
CHANGED = "picture.changed"  # the code of the error about a file that is being written


@dataclass
class Raw:
    """A file with its hash.

    Attributes:
        source: The file.
        id: The picture's id.
        digest: The hash; empty for a file that was not read.
        data: The file's bytes; empty where memory has no room for them.
        stamp: The file's stamp from before it was read; None for bytes from memory.
        is_unread: Whether the file was not read, as it is unchanged since an earlier run.
        read_ns: When reading began, in nanoseconds since 1970.
    """

    source: Source
    id: int
    digest: str
    data: bytes = field(default=b"", repr=False)
    stamp: Stamp | None = None
    is_unread: bool = False
    read_ns: int = 0

    @property
    def has_changed(self) -> bool:
        """Whether the file has changed since it was read."""
        return self.stamp is not None and stamp_of(self.source.path) != self.stamp


NO_ENTRY = Entry()


@dataclass(frozen=True)
class Prepared:
    """A decoded picture: its record, and the inputs of the models that have no vector of it.

    Attributes:
        record: The picture's record.
        inputs: uint8 [height, width, 3] by model.
        files: Its files that are to be put in place.
        from_thumbnail: Whether the original is missing, so that the inputs were made from the
            thumbnail and the record says nothing of the original.
    """

    record: Record
    inputs: dict[str, UInt8Array]
    files: Files
    from_thumbnail: bool


class ReadAhead:
    """Reads files that are decoded later. Safe to use from several threads.

    About a hundred files are in progress at a time, so their bytes are kept up to a limit only. A
    file beyond the limit is read once more to decode it.
    """

    def __init__(self, limit: int = READ_AHEAD_BYTES) -> None:
        """Keep at most `limit` bytes in memory."""
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    def read(self, source: Source, entry: Entry = NO_ENTRY) -> Raw:
        """Read and hash a file, unless it is known and unchanged.

        Args:
            source: The file.
            entry: The pictures that have a record with its path, and its stamp.

        Raises:
            BadImage: It can't be read, or it changed meanwhile.
        """
        read_ns = time.time_ns()
        stamp = None if source.content else stamp_of(source.path)
        is_original = not source.refusal and not source.thumbnail_of
        if is_original and len(entry.ids) == 1 and is_unchanged(entry.stamp, stamp):
            return Raw(source, entry.ids[0], "", b"", stamp, True, read_ns)
        data = source.read()
        if not source.content and stamp_of(source.path) != stamp:
            raise BadImage("picture.changed", name=source.name)
        picture_id, digest = identify(data)
        with self._lock:
            has_room = self._used + len(data) <= self._limit
            self._used += len(data) if has_room else 0
        source = replace(source, content=b"")
        picture_id = source.thumbnail_of or picture_id
        return Raw(source, picture_id, digest, data if has_room else b"", stamp, False, read_ns)

    def release(self, raw: Raw) -> None:
        """Discard a file's bytes, which makes room for others."""
        with self._lock:
            self._used -= len(raw.data)
            raw.data = b""


def prepare(
    raw: Raw,
    models: list[tuple[Model, Embedder]],
    is_new: bool,
    render: Render,
    unfinished: UnfinishedFiles,
) -> Prepared:
    """Decode a file for some models, and write what is missing of its picture's files.

    Args:
        raw: The file.
        models: The models that have no vector of it.
        is_new: Whether the library has no record of it.
        render: Decodes and writes, here or in another process.
        unfinished: Gets the files that are written.

    Raises:
        BadImage: The file can't be decoded, or has changed since it was hashed.
        DiskFull, CannotWrite: A file can't be written.
    """
    data = raw.data or raw.source.read()
    if not raw.data:
        picture_id, digest = identify(data)
        if (picture_id if raw.is_unread else digest) != (raw.id if raw.is_unread else raw.digest):
            raise BadImage("picture.changed", name=raw.source.name)
        raw.digest = digest
    forms = {model.name: embedder.form for model, embedder in models}
    record = _record(raw, data, (0, 0), "")
    files = unfinished.start(record, is_new)
    try:
        rendered = render(data, raw.source.name, set(forms.values()), files)
        if raw.has_changed:
            raise BadImage("picture.changed", name=raw.source.name)
    except Exception as error:
        unfinished.discard(files)
        if isinstance(error, BadImage) and raw.has_changed:
            raise BadImage("picture.changed", name=raw.source.name) from error
        raise
    width, height = rendered.width, rendered.height
    record = replace(record, width=width, height=height, fingerprint=rendered.fingerprint)
    inputs = {name: rendered.inputs[form] for name, form in forms.items()}
    return Prepared(record, inputs, files, bool(raw.source.thumbnail_of))


def describe(raw: Raw, data: bytes, picture: Picture) -> Record:
    """Return the record of a picture that is added now.

    Args:
        raw: The file.
        data: Its bytes.
        picture: Its pixels and size.
    """
    return _record(raw, data, (picture.width, picture.height), fingerprint(picture))


def _record(raw: Raw, data: bytes, size: tuple[int, int], fingerprint: str) -> Record:
    return Record(
        id=raw.id,
        path=raw.source.path,
        name=raw.source.name,
        label=raw.source.label,
        width=size[0],
        height=size[1],
        bytes=len(data),
        digest=raw.digest,
        added=time.time(),
        fingerprint=fingerprint,
    )
