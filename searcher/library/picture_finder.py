"""Find pictures of the library by what a file calls them: an id, a path, or the name of a file."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from searcher.datasets.picture_names import normalised_path
from searcher.datasets.vector_rows import AMBIGUOUS, NAMELESS, UNKNOWN
from searcher.errors import BadImage
from searcher.images.pictures import identify
from searcher.images.present_paths import present_path
from searcher.images.sources import Source
from searcher.stores.record import Record

Place = tuple[int, str]  # the id of a picture, and its folder


class PictureFinder:
    """The pictures of a library by their names, as of when it was made."""

    def __init__(
        self,
        records: Iterable[Record],
        is_upload: Callable[[str], bool] = lambda path: False,
        folder: Path | None = None,
    ) -> None:
        """List the pictures.

        Args:
            records: Their records.
            is_upload: Returns whether a path is that of an upload, which has a name that this
                program gave it.
            folder: What paths may be relative to, besides the folders that were indexed. None for
                what visitors bring: then no file is looked for on this machine.
        """
        self._folder = folder
        self._ids: set[int] = set()
        self._places: defaultdict[str, list[Place]] = defaultdict(list)
        for record in records:
            self._ids.add(record.id)
            files = [os.path.split(normalised_path(path)) for path in record.paths] or [("", "")]
            # Of the folder that an upload was in there is only its label.
            folder_name = record.label if is_upload(record.path) else files[0][0]
            places = {(record.name, folder_name), *((name, parent) for parent, name in files)}
            for shown, place in places:
                self._places[shown].append((record.id, place))

    def find(self, text: str) -> int | str:
        """Return the id of a picture; or why there is none, NAMELESS, UNKNOWN or AMBIGUOUS.

        Args:
            text: An id; a path, absolute or relative to any folder above the picture; or the name
                of a file.
        """
        text = text.strip()
        if not text:
            return NAMELESS
        if text.isdecimal() and len(text) < 20 and int(text) in self._ids:
            return int(text)
        path = normalised_path(text)
        parent, name = os.path.split(path)
        places = self._places.get(name, [])
        for matches in (self._is_exactly, self._ends_with):
            ids = {picture_id for picture_id, place in places if matches(place, parent)}
            if ids:
                return ids.pop() if len(ids) == 1 else AMBIGUOUS
        return self._read(path)

    def _is_exactly(self, place: str, parent: str) -> bool:
        if self._folder is None:
            return place == parent and bool(parent)
        return place == normalised_path(os.path.join(os.path.abspath(self._folder), parent))

    def _ends_with(self, place: str, parent: str) -> bool:
        return not parent or f"/{place}".endswith(f"/{parent}")

    def _read(self, path: str) -> int | str:
        """Look a picture up by the bytes of a file: of several copies one is in the library."""
        if self._folder is not None:
            paths = [os.path.abspath(p) for p in (self._folder / path, path)]
            for source in map(Source, map(present_path, paths)):
                if source.exists():
                    with suppress(BadImage):
                        picture_id, _ = identify(source.read())
                        if picture_id in self._ids:
                            return picture_id
        return UNKNOWN
