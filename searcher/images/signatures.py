"""What a file is by its first bytes: a picture, and of which format, or an archive."""

import os
import re

BEGINNING = 64  # bytes that tell the format of a picture
# The first bytes of a file, by Pillow's name of its format. Formats are those of
# https://www.iana.org/assignments/media-types#image and the TIFF 6.0 and BigTIFF specifications.
PICTURES = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"II\x2a\0.{4}CR\x02", re.DOTALL), "RAW"),  # Canon's CR2
    (re.compile(rb"II(\x2a\0|\x2b\0)|MM(\0\x2a|\0\x2b)"), "TIFF"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "JPEG2000"),
    (re.compile(rb"\0\0\0\x0cJXL \r\n\x87\n|\xff\x0a"), "JPEG XL"),
    (re.compile(rb"FUJIFILMCCD-RAW|IIR[OS]|MMOR|IIU\0|.{6}HEAPCCDR|\0MRM|FOVb", re.DOTALL), "RAW"),
    (re.compile(rb"8BPS\0[\x01\x02]"), "PSD"),
    (re.compile(rb"gimp xcf "), "XCF"),
)
# Brands of ISO base media files, ISO/IEC 23008-12 and the AVIF specification.
BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": "RAW"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"),
    "HEIF",
)
# Pictures whose content does not tell, or not apart from another format.
ENDINGS = {".svg": "SVG", ".svgz": "SVG"} | dict.fromkeys(
    """
    .3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .mrw .nef .nrw .orf
    .pef .raf .raw .rw2 .rwl .sr2 .srf .srw .x3f
    """.split(),
    "RAW",
)
ARCHIVES = (
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), "zip"),
    (re.compile(rb"\x1f\x8b"), "gzip"),
    (re.compile(rb"BZh[1-9]"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\0"), "xz"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "7-Zip"),
    (re.compile(rb"Rar!\x1a\x07"), "RAR"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "Zstandard"),
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


def picture_format(beginning: bytes, name: str) -> str:
    """Return the format of a picture, as Pillow calls it; "" for other files.

    Args:
        beginning: The file's first bytes, BEGINNING of them where it has so many.
        name: The file's name, whose ending tells formats apart that begin alike.
    """
    found = next((kind for pattern, kind in PICTURES if pattern.match(beginning)), "")
    if beginning[4:8] == b"ftyp":
        length = min(int.from_bytes(beginning[:4], "big"), len(beginning))
        brands = [beginning[8:12], *(beginning[i : i + 4] for i in range(16, length, 4))]
        found = next((BRANDS[brand] for brand in brands if brand in BRANDS), "")
    by_name = ENDINGS.get(os.path.splitext(name)[1].lower(), "")
    return by_name if by_name and found in ("", "TIFF") else found


def archive_format(beginning: bytes) -> str:
    """Return the format of an archive; "" for other files.

    Args:
        beginning: The file's first TAR_BLOCK bytes.
    """
    found = next((kind for pattern, kind in ARCHIVES if pattern.match(beginning)), "")
    return found or ("tar" if _is_tar_header(beginning) else "")


def archive_title(name: str) -> str:
    """Return an archive's name without its ending."""
    return ARCHIVE_ENDING.sub("", name) or name


def _is_tar_header(block: bytes) -> bool:
    """Whether a block has the checksum of a tar header; those before POSIX have no signature."""
    field = block[148:156].strip(b"\0 ")
    if len(block) < TAR_BLOCK or not field or field.strip(b"01234567"):
        return False
    return int(field, 8) == sum(block[:148]) + 8 * ord(" ") + sum(block[156:TAR_BLOCK])
