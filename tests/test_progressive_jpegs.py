"""Progressive JPEGs too large for libjpeg are decoded from their DC coefficients."""

import contextlib
import io
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from searcher.errors import BadImage
from searcher.images import opening
from searcher.images.pictures import open_picture
from tests.picture_files import PROPHOTO, as_stored, decoded, profile
from tests.pictures import encode, paint
from tests.test_decode_memory import linux, run

pytestmark = pytest.mark.pixels

Sampling = tuple[int, int]
PICTURE = paint(5, (320, 240)).resize((160, 120)).resize((320, 240), Image.Resampling.BICUBIC)
# The peak above rest in MB of decoding a file, and what comes of it.
PEAK = """
data = Path("file").read_bytes()
before = rest()
picture = pictures.open_picture(data)
peak = size("VmHWM") - before
print(json.dumps([peak, picture.width, picture.height, *picture.pixels.size]))
"""


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_COEFFICIENT_BYTES", 0)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def frame(size: tuple[int, int], samplings: Iterable[Sampling], ids: bytes = b"\1\2\3\4") -> bytes:
    parts = [bytes([n, h << 4 | v, 0]) for n, (h, v) in zip(ids, samplings, strict=False)]
    return segment(0xC2, struct.pack(">BHHB", 8, *size[::-1], len(parts)) + b"".join(parts))


def joined(
    planes: list[Image.Image],
    samplings: list[Sampling],
    low: int = 1,
    ids: bytes = b"\1\2\3\4",
    mark: bytes = b"",
) -> bytes:
    """A JPEG whose components each have scans of their own, those of a grey one.

    Args:
        planes: What the components show.
        samplings: Their blocks of an MCU.
        low: Bits that the first scan leaves to another; of 0 there is no other.
        ids: Their names.
        mark: A segment that stands before all others.
    """
    most = max(h for h, _ in samplings), max(v for _, v in samplings)
    size = planes[0].width * most[0] // samplings[0][0], planes[0].height * most[1]
    size = size[0], size[1] // samplings[0][1]
    result = b""
    for number, plane in zip(ids, planes, strict=False):
        grey = encode(plane, progressive=True, quality=90)
        if not result:
            table = grey.index(b"\xff\xdb")
            result = b"\xff\xd8" + mark + grey[table : table + 69] + frame(size, samplings, ids)
        start = grey.index(b"\xff\xc2")
        rest = grey[start + 13 : -2].replace(b"\xff\xda\0\x08\1\1", b"\xff\xda\0\x08\1%c" % number)
        if not low:
            first = rest.index(b"\xff\xda")
            rest = rest[: first + 9] + b"\0" + rest[first + 10 :]
            last = rest.index(b"\xff\xda\0\x08\1%c\0\0\0\x10" % number)
            following = rest.find(b"\xff\xc4", last)
            rest = rest[:last] + (rest[following:] if following > 0 else b"")
        result += rest
    return result + b"\xff\xd9"


def by_libjpeg(
    data: bytes, sampling: Sampling = (1, 1), as_shown: bool = False
) -> npt.NDArray[np.int16]:
    """What libjpeg shows at an eighth; its chroma, which has more detail there, by whole blocks."""
    with Image.open(io.BytesIO(data)) as image:
        mode = "YCbCr" if image.mode == "RGB" and not as_shown else None
        image.draft(mode, (image.width // 8, image.height // 8))
        if sampling == (1, 1) or image.mode != "YCbCr":
            return np.asarray(image.convert("RGB"), np.int16)
        luma, *chroma = image.split()
    box = (0, 0, luma.width / sampling[0], luma.height / sampling[1])
    wide = [c.reduce(sampling).resize(luma.size, Image.Resampling.BILINEAR, box) for c in chroma]
    return np.asarray(Image.merge("YCbCr", [luma, *wide]).convert("RGB"), np.int16)


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(
    mode=st.sampled_from(["RGB", "L", "CMYK"]),
    size=st.tuples(st.integers(33, 200), st.integers(33, 200)),
    subsampling=st.sampled_from([0, 1, 2]),
    quality=st.integers(10, 100),
    restarts=st.integers(0, 9),
)
def test_they_look_as_libjpeg_shows_them_at_an_eighth(
    mode: str, size: tuple[int, int], subsampling: int, quality: int, restarts: int
) -> None:
    image = PICTURE.resize(size).convert(mode)
    subsampling = subsampling if mode == "RGB" else 0
    data = encode(
        image,
        progressive=True,
        quality=quality,
        subsampling=subsampling,
        restart_marker_blocks=restarts,
    )
    picture = open_picture(data)
    assert (picture.width, picture.height) == size
    got = np.asarray(picture.pixels, np.int16)
    expected = by_libjpeg(data, [(1, 1), (2, 1), (2, 2)][subsampling])
    difference = np.abs(got - expected)
    if subsampling:
        # At the edges libjpeg's means are of the picture's part of a block.
        assert difference[:-2, :-2].max() <= 6
        assert difference.mean() <= 2
    else:
        assert difference.max() == 0


@pytest.mark.parametrize("low", [0, 1])
@pytest.mark.parametrize(
    "samplings",
    [
        [(1, 1)],
        [(2, 2)],
        [(1, 1)] * 3,
        [(2, 2), (1, 1), (1, 1)],
        [(1, 2), (1, 1), (1, 1)],
        [(4, 1), (1, 1), (1, 1)],
        [(1, 1)] * 4,
    ],
)
def test_components_may_have_scans_of_their_own(samplings: list[Sampling], low: int) -> None:
    bands = PICTURE.convert("YCbCr" if len(samplings) == 3 else "CMYK").split()
    pairs = zip(bands, samplings, strict=False)
    planes = [band.resize((40 * h, 24 * v)) for band, (h, v) in pairs]
    data = joined(planes, samplings, low)
    alike = len({*samplings}) == 1
    expected = by_libjpeg(data, (1, 1) if alike else samplings[0])
    assert np.abs(decoded(data) - expected).max() <= (0 if alike else 3)


ADOBE = b"Adobe\0d\0\0\0\0%c"
MARKS = {
    "none": b"",
    "JFIF": segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    **{f"Adobe {n}": segment(0xEE, ADOBE % n) for n in range(3)},
}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("ids", [b"RGB", b"\1\2\3", b"\1\2\3\4"])
def test_marks_and_names_say_what_the_components_are(ids: bytes, mark: str) -> None:
    planes = list(PICTURE.convert("CMYK").split())[-len(ids) :]
    data = joined(planes, [(1, 1)] * len(ids), ids=ids, mark=MARKS[mark])
    assert np.abs(decoded(data) - by_libjpeg(data, as_shown=True)).max() <= 2


def test_they_have_a_size_an_orientation_and_a_profile_as_others_have() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    wide = profile(b"RGB ", 1.8, PROPHOTO)
    stored = as_stored(PICTURE, wide)
    data = encode(stored, progressive=True, quality=95, subsampling=0, exif=exif, icc_profile=wide)
    picture = open_picture(data)
    assert (picture.width, picture.height) == (240, 320)
    assert picture.pixels.size == (30, 40)
    expected = PICTURE.transpose(Image.Transpose.ROTATE_270).reduce(8)
    assert np.abs(np.asarray(picture.pixels, int) - np.asarray(expected, int)).mean() < 2


@pytest.mark.parametrize("restarts", [0, 3])
def test_one_without_end_is_in_and_one_that_lacks_scans_is_not(restarts: int) -> None:
    data = encode(PICTURE, progressive=True, restart_marker_blocks=restarts)
    whole = decoded(data)
    for tail in (b"", b"\xff", bytes(999)):
        assert (decoded(data[:-2] + tail) == whole).all()
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xda", first + 2)
    for end in (b"", b"\xff\xd9"):
        for cut in (first + 20, (first + second) // 2, second - 60 if end else second):
            with pytest.raises(BadImage, match="cut off"):
                open_picture(data[:cut] + end)


FLIPS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])
@given(flips=FLIPS, restarts=st.sampled_from([0, 4]))
def test_damaged_ones_open_or_are_refused(flips: list[tuple[float, int]], restarts: int) -> None:
    image = PICTURE.resize((90, 70))
    damaged = bytearray(encode(image, progressive=True, restart_marker_blocks=restarts))
    for share, value in flips:
        damaged[2 + int(share * (len(damaged) - 3))] = value
    with contextlib.suppress(BadImage):
        assert open_picture(bytes(damaged)).pixels.mode == "RGB"


@linux
def test_half_a_gigapixel_comes_in_within_400_megabytes(tmp_path: Path) -> None:
    """All its coefficients are zero, whose code has one bit."""
    size, samplings = (25_000, 20_000), [(2, 2), (1, 1), (1, 1)]
    blocks = 6 * (25_000 // 16 + 1) * (20_000 // 16)
    parts = [b"\xff\xd8", segment(0xDB, b"\0" + b"\1" * 64), frame(size, samplings)]
    parts += [segment(0xC4, b"\0\1" + bytes(16)), segment(0xDA, b"\3\1\0\2\0\3\0" + bytes(3))]
    (tmp_path / "file").write_bytes(b"".join(parts) + bytes(blocks // 8 + 1) + b"\xff\xd9")
    peak, *sizes = run(PEAK, tmp_path)
    print(f"\n500 megapixels: {peak:.0f} MB")
    assert sizes == [25_000, 20_000, 3125, 2500]
    assert peak < 400
