"""Walk a folder and find its pictures: every folder once, also through links."""

import os
from collections.abc import Iterator

from searcher.images.excluded_names import is_hidden, is_system_folder
from searcher.images.file_kinds import file_kind, reason_to_leave_out
from searcher.images.left_out import HIDDEN, LINK, SYSTEM, LeftOut
from searcher.images.shown_names import printable
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason

Found = tuple[str, Message | None]  # a path, and why it must not be read
Identity = tuple[int, int]  # device and inode


class FolderWalk:
    """One walk. Linked folders are walked once, after all others, unless they contain the root."""

    def __init__(self, root: str, omitted: LeftOut) -> None:
        """Walk nothing yet.

        Args:
            root: An absolute path.
            omitted: Counts what is left out.
        """
        self._root = root
        self._omitted = omitted
        self._within = [os.path.realpath(root)]  # the folders that links to files may lead to
        self._visited: set[Identity] = set()
        self._links: list[str] = []
        self._failures: list[OSError] = []

    def files(self) -> Iterator[Found]:
        """Yield the pictures, and the folders that can't be read."""
        yield from self._walk(self._root)
        while self._links:
            path = self._links.pop(0)
            target = os.path.realpath(path)
            status = _status(target)
            is_known = status is None or (status.st_dev, status.st_ino) in self._visited
            if is_known or is_within(self._within[0], target):
                self._omitted.add(LINK, os.path.basename(path))
            else:
                self._within.append(target)
                yield from self._walk(path)
        for error in self._failures:
            name = printable(os.path.basename(error.filename))
            reason = os_reason(error)
            yield error.filename, message("source.folder_unreadable", name=name, reason=reason)

    def _walk(self, top: str) -> Iterator[Found]:
        is_linked = top != self._root
        pending = [top]
        while pending:
            folder = pending.pop()
            try:
                if self._visit(folder) and is_linked:
                    continue
                with os.scandir(folder) as entries:
                    ordered = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                error.filename = folder
                self._failures.append(error)
                continue
            folders = []
            for entry in ordered:
                if _is_folder(entry):
                    folders += self._subfolder(folder, entry)
                else:
                    yield from self._file(entry)
            pending += reversed(folders)

    def _visit(self, folder: str) -> bool:
        """Note a folder, and return whether it was noted before."""
        status = os.stat(folder)
        identity = status.st_dev, status.st_ino
        is_known = identity in self._visited
        self._visited.add(identity)
        return is_known and status.st_ino != 0

    def _subfolder(self, folder: str, entry: "os.DirEntry[str]") -> list[str]:
        """Return a folder that is to be walked now, else nothing."""
        if is_system_folder(entry.name, os.path.basename(folder)):
            self._omitted.add(SYSTEM, entry.name)
        elif is_hidden(entry.name):
            self._omitted.add(HIDDEN, entry.name)
        elif entry.is_symlink():
            self._links.append(entry.path)
        else:
            return [entry.path]
        return []

    def _file(self, entry: "os.DirEntry[str]") -> Iterator[Found]:
        target = os.path.realpath(entry.path) if entry.is_symlink() else ""
        leads_out = bool(target) and not any(is_within(target, folder) for folder in self._within)
        # What lies elsewhere is not opened.
        reason = reason_to_leave_out(
            entry.name, lambda: "other" if leads_out else file_kind(entry.path)
        )
        if reason:
            self._omitted.add_file(reason, entry.name)
        elif leads_out:
            yield entry.path, message("source.leads_out", name=printable(entry.name))
        else:
            yield entry.path, None


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or below it; both without links."""
    return os.path.commonpath([path, folder]) == folder


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None
