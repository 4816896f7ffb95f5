"""Tell a file's format by its first bytes, never by its name."""

import re

HEIF_BRANDS = frozenset(
    b"heic heix heim heis hevc hevx hevm hevs mif1 mif2 msf1 miaf MiHE MiHB".split()
)
AVIF_BRANDS = frozenset({b"avif", b"avis"})
RAW = "RAW"
# Formats that are not read, by their first bytes; the names are those in the sentence.
STARTS = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"\xff\xd8\xff\xf7": "JPEG-LS",
    b"%PDF-": "PDF",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"8BPS": "Photoshop",
    b"gimp xcf": "GIMP",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"SIMPLE  =": "FITS",
    b"DDS ": "DDS",
    b"II\xbc": "JPEG XR",
    b"BPG\xfb": "BPG",
    b"\x1aE\xdf\xa3": "Matroska",
    b"AT&TFORM": "DjVu",
    b"qoif": "QOI",
    b"FLIF": "FLIF",
    b"icns": "ICNS",
    b"SDPX": "DPX",
    b"XPDS": "DPX",
    b"\x80\x2a\x5f\xd7": "Cineon",
    b"\x59\xa6\x6a\x95": "Sun raster",
    b"\x8aMNG\r\n\x1a\n": "MNG",
    b"\x8bJNG\r\n\x1a\n": "JNG",
    b"/* XPM */": "XPM",
    b"id=ImageMagick": "MIFF",
}
# Patterns of headers without a signature.
HEADERS = {
    rb"\x00\x00\x01\x00[^\x00]\x00": "ICO",
    rb"\x00\x00\x02\x00[^\x00]\x00": "CUR",
    rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s|P[Ff]\s+\d+\s+\d+\s": "PNM",
    rb"P7\s+(?:#[^\n]*\n\s*)*WIDTH\s": "PNM",
    rb"#define\s+\S*_width\s+\d+\s": "XBM",
    rb"\n[\x00\x02-\x05]\x01[\x01\x02\x04\x08]": "PCX",
    rb"\x01\xda[\x00\x01][\x01\x02]": "SGI",
    rb"(?s:BA.{12}(?:BM|CI|CP|IC|PT))": "OS/2 bitmap array",
    rb"(?s:\x00\x00.{2}\x00\x00\x00\x07\x00\x00\x00[\x00-\x02])": "XWD",
    rb"(?s:.{522}\x00\x11\x02\xff|\x00{512}.{10}\x11\x01)": "PICT",
    # Kind, without and with a palette; the palette, the place, the size, bits, the order of rows.
    rb"(?s:.\x00[\x02\x03\n\x0b].{9}|.\x01[\x01\t].{9})(?!\x00\x00)(?s:..)(?!\x00\x00)"
    rb"(?s:..)[\x08\x0f\x10\x18 ][ \x00-/]": "TGA",
}
BEGINNING = 4096  # bytes in which they are searched
RAW_STARTS = (b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FUJIFILMCCD-RAW", b"\0MRM")
SVG = re.compile(rb"\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)", re.IGNORECASE)
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"MM*\0", b"II\0*")


def format_of(data: bytes) -> str:
    """Return the name of a format that is read, in Pillow's words; "RAW"; "" for any other."""
    if data.startswith(b"\xff\xd8") and not data.startswith(b"\xff\xd8\xff\xf7"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:2] == b"BM" and data[15:18] == b"\0\0\0":
        return "BMP"
    if data.startswith(TIFF_STARTS):
        return "TIFF"
    if data.startswith(RAW_STARTS):
        return RAW
    if data.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n")):
        return "JPEG2000"
    return _brand(data) if data[4:8] == b"ftyp" else ""


def _brand(data: bytes) -> str:
    """Return the format that the brands of an ISO base media file name, the major one first."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[n : n + 4] for n in range(16, size - 3, 4))]
    for brand in brands:
        if brand in AVIF_BRANDS:
            return "AVIF"
        if brand in HEIF_BRANDS and not AVIF_BRANDS & set(brands):
            return "HEIF"
    return RAW if brands[0] == b"crx " else ""


def unread_format(data: bytes) -> str:
    """Return the name of a known format that is not read; "" for what is unknown."""
    for start, name in STARTS.items():
        if data.startswith(start):
            return name
    for pattern, name in HEADERS.items():
        if re.match(pattern, data[:BEGINNING]):
            return name
    if data[4:8] == b"ftyp":
        return "QuickTime" if data[8:12] == b"qt  " else "MP4"
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return "AVI"
    text = data[:BEGINNING].removeprefix(b"\xef\xbb\xbf")
    return "SVG" if SVG.match(text) and b"<svg" in text.lower() else ""
