"""What an archive says of one of its files, whatever its format."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder in an archive.

    Attributes:
        path: Its path below the archive; its name only, if it leads out.
        size: Bytes, as the archive says; 0 for all but files.
        leads_out: Whether the stored name is absolute or has `..`.
        is_link: Whether it is a link to another file.
        is_device: Whether it is a device or a pipe.
    """

    path: str
    size: int
    leads_out: bool = False
    is_link: bool = False
    is_device: bool = False
