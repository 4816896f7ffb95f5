"""The pictures in an archive."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from searcher.images.archives import Archive, open_archive
from searcher.images.excluded_names import is_hidden, is_system_folder
from searcher.images.file_kinds import BEGINNING, Kind, kind_of, reason_to_leave_out
from searcher.images.folder_walk import Found
from searcher.images.left_out import ARCHIVE, HIDDEN, LINK, SYSTEM, LeftOut
from searcher.images.members import Member
from searcher.images.shown_names import printable
from searcher.messages.message import message


def archive_files(path: Path, omitted: LeftOut) -> Iterator[Found]:
    """Yield the pictures in an archive, sorted by their paths.

    Args:
        path: The archive.
        omitted: Counts what is left out, as in folders.

    Raises:
        BadSource: The archive can't be read.
    """
    archive = open_archive(path)
    folders: set[str] = set()  # that were counted
    for member in sorted(archive.members, key=lambda member: member.path):
        name = PurePosixPath(member.path).name
        place = str(path / member.path)
        if not name:
            continue
        if member.leads_out:
            yield place, message("archive.member_leads_out", name=printable(name))
        elif not is_in_excluded_folder(member.path, folders, omitted):
            yield from _file(archive, member, place, omitted)
    if not archive.members and not archive.is_cut_off:
        yield str(path), message("archive.empty", name=printable(path.name))
    if archive.is_cut_off:
        yield str(path), message("archive.incomplete", name=printable(path.name))


def _file(archive: Archive, member: Member, place: str, omitted: LeftOut) -> Iterator[Found]:
    name = PurePosixPath(member.path).name
    if member.is_link:
        omitted.add(LINK, name)
        return
    reason = reason_to_leave_out(name, lambda: _kind(archive, member))
    if member.is_device and not reason:
        yield place, message("file.not_regular", name=printable(name))
        return
    if reason == ARCHIVE:
        yield place, message("archive.nested", name=printable(name))
    elif reason:
        omitted.add_file(reason, name)
    else:
        yield place, None


def _kind(archive: Archive, member: Member) -> Kind:
    """Return what a member is by its content; "other" for one that can't be read."""
    try:
        return kind_of(archive.read(member.path, BEGINNING, "") if member.size else b"")
    except Exception:  # zipfile raises whatever it likes on damaged data
        return "other"


def is_in_excluded_folder(path: str, counted: set[str], omitted: LeftOut) -> bool:
    """Whether a member is in a folder that is hidden or a system's; each folder is counted once."""
    parts = PurePosixPath(path).parts[:-1]
    for position, name in enumerate(parts):
        is_system = is_system_folder(name, parts[position - 1] if position else "")
        if is_system or is_hidden(name):
            folder = "/".join(parts[: position + 1])
            if folder not in counted:
                counted.add(folder)
                omitted.add(SYSTEM if is_system else HIDDEN, name)
            return True
    return False
