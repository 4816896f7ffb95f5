"""Which files are archives, by their first bytes and their names."""

import re

ARCHIVES = (
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), "zip"),
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"BZh[1-9]"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\0"), "xz"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "7-Zip"),
    (re.compile(rb"Rar!\x1a\x07"), "RAR"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "Zstandard"),
    (re.compile(rb"\x5d\0\0(?s:..)(?:\xff{8}|(?s:.{5})\0{3})"), "lzma"),
    (re.compile(rb"LZIP\x01"), "lzip"),
    (re.compile(rb"\x04\x22\x4d\x18"), "LZ4"),
    (re.compile(rb"\x1f\x9d"), "compress"),
    (re.compile(rb"MSCF\0\0\0\0"), "Cabinet"),
    (re.compile(rb".{7}\*\*ACE\*\*", re.DOTALL), "ACE"),
    (re.compile(rb"..-l[hz][0-9ds]-", re.DOTALL), "LHA"),
    (re.compile(rb"xar!"), "xar"),
    (re.compile(rb"StuffIt|SIT!"), "StuffIt"),
    (re.compile(rb"(?s:.{257})ustar"), "tar"),
)
TAR_BLOCK = 512
# Names of archives, with which programs write them; the content decides.
ARCHIVE_ENDING = re.compile(
    r"\.(zip|zipx|cbz|tar|cbt|tgz|tbz|tbz2|txz|tzst|7z|cb7|rar|cbr|cab|lzh|sitx?|dmg|iso"
    r"|tar\.[a-z0-9]{1,4})$",
    re.IGNORECASE,
)


def archive_format(beginning: bytes) -> str:
    """Return the format of an archive; "" for other files.

    Args:
        beginning: The file's first TAR_BLOCK bytes.
    """
    found = next((kind for pattern, kind in ARCHIVES if pattern.match(beginning)), "")
    return found or ("tar" if is_tar_header(beginning) else "")


def archive_title(name: str) -> str:
    """Return an archive's name without its ending."""
    return ARCHIVE_ENDING.sub("", name) or name


def is_tar_header(block: bytes) -> bool:
    """Whether a block has the checksum of a tar header; those before POSIX have no signature."""
    field = block[148:156].strip(b"\0 ")
    if len(block) < TAR_BLOCK or not field or field.strip(b"01234567"):
        return False
    return int(field, 8) == sum(block[:148]) + 8 * ord(" ") + sum(block[156:TAR_BLOCK])
