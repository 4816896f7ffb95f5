"""Keep the paths in the records as the files are: what lies at a path now decides.

A file that was read belongs to the picture with its content. Other pictures lose its path: those
that have further paths keep these, and the others are reported as displaced.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from searcher.images.presence import Presence, presence_of
from searcher.images.sources import Source
from searcher.images.stamps import is_moved, is_unchanged
from searcher.indexing.prepare import Raw
from searcher.stores.path_index import Entry
from searcher.stores.paths import UPLOAD
from searcher.stores.records import Record, RecordStore

MAX_COPIES = 1000  # in one record; of more, only some are known


class PathClaims:
    """The claims of one indexing run. For one thread."""

    def __init__(self, records: RecordStore) -> None:
        """Claim nothing yet."""
        self._records = records
        # By picture, those of its paths that have another content now; only of pictures that have
        # no other path so far.
        self._lost: defaultdict[int, set[str]] = defaultdict(set)
        self._presences: dict[str, Presence] = {}  # of one chunk

    def settle(
        self, files: Sequence[Raw], stored: Mapping[int, Record | None]
    ) -> list[tuple[Record, Record]]:
        """Give files to the pictures with their content, and these the labels of their files.

        Args:
            files: Files that were read, or are unchanged.
            stored: Records that were read before, by picture id.

        Returns:
            The old and the new form of each record that was changed.
        """
        claims = {raw.source.path: raw for raw in files if not raw.source.thumbnail_of}
        self._presences.clear()
        entries = dict(zip(claims, self._records.at_paths(list(claims)), strict=True))
        involved: set[int] = set()
        for path, raw in claims.items():
            entry, record = entries[path], stored.get(raw.id)
            is_plain = entry.ids == (raw.id,) and record is not None and record.paths == (path,)
            if not is_plain or raw.source.is_labelled:
                involved |= {raw.id, *entry.ids}

        def change(records: Mapping[int, Record]) -> Iterable[Record]:
            return self._changed(records, claims, entries)

        changes = self._records.update(involved, change)
        self._stamp(claims, entries)
        return changes

    def displaced(self) -> Iterator[int]:
        """Yield the ids of pictures none of whose paths has their content any more.

        Paths that a picture has lost and others that it has gained since are put in order first.
        """
        for picture_id, lost in self._lost.items():

            def change(records: Mapping[int, Record], lost: set[str] = lost) -> Iterable[Record]:
                left = (without_paths(r, lost, self._is_upload) for r in records.values())
                return [record for record in left if record is not None]

            self._records.update([picture_id], change)
            (record,) = self._records.get([picture_id])
            if record is not None and lost.issuperset(record.paths) and record.path:
                yield picture_id

    def _changed(
        self,
        records: Mapping[int, Record],
        claims: Mapping[str, Raw],
        entries: Mapping[str, Entry],
    ) -> Iterable[Record]:
        new = dict(records)
        # Gains first: of two files that were exchanged, both pictures keep one.
        for path, raw in claims.items():
            if record := new.get(raw.id):
                new[raw.id] = self._with_file(record, raw) if record.path else record
                if raw.id in self._lost:
                    self._lost[raw.id].discard(path)
        for path, raw in claims.items():
            if raw.id not in new or self._is_upload(path):
                continue
            for rival in entries[path].ids:
                if rival == raw.id or rival not in new:
                    continue
                if left := without_paths(new[rival], {path}, self._is_upload):
                    new[rival] = left
                else:
                    self._lost[rival].add(path)
        return new.values()

    def _with_file(self, record: Record, raw: Raw) -> Record:
        """Return the record of a picture that has this file, with the label of its file.

        Paths of deleted and moved files are dropped. If there is no file at the path that name and
        label follow, they follow this one.
        """
        source = raw.source
        others = [path for path in record.paths if path != source.path and self._remains(path, raw)]
        others = others[:MAX_COPIES]
        if record.path != source.path and not self._presence(record.path).exists:
            record = _named(record, source)
            paths = [source.path, *others]
        elif source.path in record.paths:
            paths = [path for path in record.paths if path == source.path or path in others]
        else:
            paths = [*others, source.path]
        if source.is_labelled:
            record = replace(record, label=source.label)
        return record.at(paths)

    def _remains(self, path: str, raw: Raw) -> bool:
        """Whether a file exists or may exist, and was not moved to the path of another one."""
        presence = self._presence(path)
        if presence.exists or presence.is_surely_deleted:
            return presence.exists
        (entry,) = self._records.at_paths([path])
        return not is_moved(entry.stamp, raw.stamp)

    def _presence(self, path: str) -> Presence:
        if path not in self._presences:
            self._presences[path] = presence_of(path)
        return self._presences[path]

    def _stamp(self, claims: Mapping[str, Raw], entries: Mapping[str, Entry]) -> None:
        self._records.path_index.stamp(
            {
                self._records.stored_path(path): (raw.id, raw.stamp.text(raw.read_ns))
                for path, raw in claims.items()
                if raw.stamp and not is_unchanged(entries[path].stamp, raw.stamp)
            }
        )

    def _is_upload(self, path: str) -> bool:
        """Whether this program named the file by its content: another content is damage."""
        return self._records.source(path) == UPLOAD


def without_paths(
    record: Record, lost: Container[str], is_upload: Callable[[str], bool]
) -> Record | None:
    """Return a picture's record without some of its paths; None where none is left.

    Args:
        record: The record.
        lost: The paths.
        is_upload: Returns whether a path is that of an upload, whose name and label are others.
    """
    left = [path for path in record.paths if path not in lost]
    if left and left[0] != record.path:
        left.sort(key=lambda path: not presence_of(path).exists)
        if not is_upload(left[0]):
            record = _named(record, Source(left[0]))
    return record.at(left) if left else None


def _named(record: Record, source: Source) -> Record:
    """Return a record with the name of a file, and its folder's unless a person set the label."""
    is_folder = record.label == Source(record.path).label
    return replace(record, name=source.name, label=source.label if is_folder else record.label)
