"""Pictures in PQ and HLG look as viewers show them on ordinary displays."""

import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.picture_files import apart, decoded, deep_png, profile, with_chunks
from tests.pictures import encode, paint

pytestmark = pytest.mark.pixels

Array = npt.NDArray[np.float64]

PICTURE = paint(5, (160, 120)).resize((80, 60), Image.Resampling.BICUBIC)
# Linear RGB of BT.709 in that of BT.2020 (ITU-R BT.2087).
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
LUMINANCE = {1: (0.2126, 0.7152, 0.0722), 9: (0.2627, 0.6780, 0.0593)}
PQ, HLG = 16, 18


def light_of(image: Image.Image, primaries: int) -> Array:
    """Light in cd/m² where white has 203 (ITU-R BT.2408)."""
    values = np.asarray(image.convert("RGB")) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return np.asarray(203 * (light @ TO_2020.T if primaries == 9 else light))


def signal(light: Array, transfer: int, primaries: int) -> Array:
    """The values, 0 to 1, of light [..., 3] in cd/m² (ITU-R BT.2100)."""
    if transfer == PQ:
        power = (light / 10_000) ** (2610 / 16384)
        return np.asarray(
            ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
        )
    shown = light / 1000
    luminance = np.maximum(shown @ LUMINANCE[primaries], 1e-9)[..., None]
    scene = np.clip(shown * luminance ** (1 / 1.2 - 1), 0, 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def stored(light: Array, transfer: int, primaries: int, bits: int) -> bytes:
    """A PNG with light in cd/m², which says so in cICP."""
    values = signal(light, transfer, primaries)
    chunk = (b"cICP", bytes([primaries, transfer, 0, 1]))
    if bits == 16:
        return deep_png((values * 65535).round().astype(np.uint16), 2, chunk)
    image = Image.fromarray((values * 255).round().astype(np.uint8))
    return with_chunks(encode(image, "PNG"), chunk)


@pytest.mark.parametrize("primaries", [1, 9])
@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_light_up_to_white_looks_as_it_does_elsewhere(transfer: int, primaries: int) -> None:
    light = light_of(PICTURE, primaries)
    assert (
        apart(
            encode(Image.fromarray((signal(light, transfer, primaries) * 255).astype("u1")), "PNG"),
            PICTURE,
        )
        > 20
    )
    assert apart(stored(light, transfer, primaries, 8), PICTURE) < 2
    assert apart(stored(light, transfer, primaries, 16), PICTURE) < 0.05


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_brighter_light_is_compressed_and_keeps_its_hue(transfer: int) -> None:
    ramp = np.linspace(0, 1000, 4096)[None, :, None].repeat(3, -1)
    shown = decoded(stored(ramp, transfer, 9, 16))[0, :, 1]
    assert (np.diff(shown) >= 0).all()
    assert shown[-1] == 255
    below = light_of(Image.new("RGB", (1, 1), (128, 128, 128)), 9)[0, 0, 0]
    assert shown[np.searchsorted(ramp[0, :, 0], below)] == 128  # below the knee
    # At 58 % of PQ's range white lies at 0.555 of it by ITU-R BT.2408, annex 5: 160 cd/m².
    assert abs(int(shown[np.searchsorted(ramp[0, :, 0], 203)]) - 229) <= 1
    sun = 0.8 * ramp * np.array([1.0, 0.5, 0.25])
    rgb = decoded(stored(sun, transfer, 1, 16))[0, -1].astype(float) / 255
    bright = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    assert np.allclose(bright, [1, 0.5, 0.25], atol=0.01)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_with_the_range_of_video(transfer: int) -> None:
    light = light_of(PICTURE, 9)
    samples = ((signal(light, transfer, 9) * 219 + 16) * 257).round().astype(np.uint16)
    assert apart(deep_png(samples, 2, (b"cICP", bytes([9, transfer, 0, 0]))), PICTURE) < 0.5


def test_a_few_bright_points_darken_no_picture() -> None:
    light = light_of(PICTURE.resize((320, 240)), 9)
    light[5, 7] = light[100, 31] = 4000
    difference = np.abs(
        decoded(stored(light, PQ, 9, 16)) - decoded(stored(np.minimum(light, 203), PQ, 9, 16))
    )
    assert difference.sum(-1).astype(bool).sum() <= 2


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "16 bits of grey", "16 bits and alpha"])
def test_hdr_in_every_layout(mode: str) -> None:
    image = PICTURE if mode in ("P", "RGBA") or "alpha" in mode else PICTURE.convert("L")
    light = light_of(image, 9)
    values = signal(light, PQ, 9)
    chunk = (b"cICP", bytes([9, PQ, 0, 1]))
    if mode == "16 bits of grey":
        data = deep_png((values[..., 0] * 65535).round().astype(np.uint16), 0, chunk)
    elif mode == "16 bits and alpha":
        samples = np.dstack([(values * 65535).round(), np.full(light.shape[:2], 65535)])
        data = deep_png(samples.astype(np.uint16), 6, chunk)
    else:
        plain = Image.fromarray((values * 255).round().astype(np.uint8))
        plain = plain.quantize(256) if mode == "P" else plain.convert(mode)
        data = with_chunks(encode(plain, "PNG"), chunk)
    assert apart(data, image) < (4 if mode == "P" else 2)


def test_numbers_in_a_profile_count_before_its_curves() -> None:
    """ICC.1:2022, 9.2.17: those of HDR can't be said in curves."""
    light = light_of(PICTURE, 9)
    icc = profile(b"RGB ", 2.2, TO_2020.T)
    tag = b"cicp\0\0\0\0" + bytes([9, HLG, 0, 1])
    count = int.from_bytes(icc[128:132], "big")
    # Behind the table, so that offsets in it grow by an entry.
    entries = [icc[132 + 12 * n : 144 + 12 * n] for n in range(count)]
    moved = [
        e[:4] + (int.from_bytes(e[4:8], "big") + 12).to_bytes(4, "big") + e[8:] for e in entries
    ]
    rest = icc[132 + 12 * count :]
    place = 132 + 12 * (count + 1) + len(rest)
    own = b"cicp" + place.to_bytes(4, "big") + len(tag).to_bytes(4, "big")
    body = icc[4:128] + (count + 1).to_bytes(4, "big") + b"".join([*moved, own]) + rest + tag
    icc = (len(body) + 4).to_bytes(4, "big") + body
    samples = (signal(light, HLG, 9) * 65535).round().astype(np.uint16)
    data = deep_png(samples, 2, (b"iCCP", b"p\0\0" + zlib.compress(icc)))
    assert apart(data, PICTURE) < 0.05
