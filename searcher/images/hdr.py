"""Convert HDR (PQ and HLG of ITU-R BT.2100) to 8-bit sRGB, as viewers do on ordinary displays.

Viewers agree on light up to white: it looks as it does elsewhere where no light of the picture is
brighter (Chromium's gfx::ColorTransform, libplacebo). Brighter light needs room, so that a
picture which has some is compressed from a knee on, by the curve of ITU-R BT.2408, annex 5.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from searcher.images.containers.picture_file import ColourTags
from searcher.images.depths import FULL
from searcher.images.icc_profile import (
    HLG,
    PQ,
    PRIMARIES,
    REC_709,
    luminance_of,
    matrix_of,
    values_of,
)
from searcher.images.profile_parts import numbers_of

Samples = npt.NDArray[np.uint16]
Levels = npt.NDArray[np.uint8]
Light = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]
Values = npt.NDArray[np.generic]
Convert = Callable[[Samples | Levels], Levels]

WHITE = 203.0  # cd/m² of white beside HDR (ITU-R BT.2408)
HLG_PEAK = 1000.0  # cd/m² of the display for which HLG's light is calculated (ITU-R BT.2100)
SYSTEM_GAMMA = 1.2  # of that display
# Of the samples, so many may be brighter than the peak (libplacebo): single bright points, and what
# lossy compression adds at edges.
BRIGHTEST = 0.00005
STEPS = 64  # of the peak, for each doubling of light
BLOCK = 2**15  # pixels converted at once: all that is computed of them stays in a cache
BINS = 2**16  # of the gain by light
# Of SMPTE ST 2084.
M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def hdr_of(tags: ColourTags) -> ColourTags | None:
    """Return the numbers of a file in PQ or HLG, from its profile where it has one, else None."""
    numbers = numbers_of(tags.icc) if tags.icc else tags
    return numbers if numbers.transfer in (PQ, HLG) else None


def with_peak(tags: ColourTags, bands: Callable[[], Iterable[Values]]) -> ColourTags:
    """Return what a file says of its colours, with the brightest light of its picture if HDR.

    Args:
        tags: What the file says.
        bands: Returns the picture's colours from top to bottom, each uint8 or uint16 [..., C].
    """
    numbers = hdr_of(tags)
    if numbers is None:
        return tags
    light_of = _light_of(numbers)
    counts = np.zeros(1, np.int64)
    for band in bands():
        flat = _deep(band).reshape(-1, band.shape[-1])
        for start in range(0, len(flat), BLOCK):
            brightest = light_of(flat[start : start + BLOCK]).max(-1)
            steps = np.rint(STEPS * np.log2(np.maximum(brightest, 1))).astype(np.int64)
            found = np.bincount(steps, minlength=len(counts))
            found[: len(counts)] += counts
            counts = found
    above = counts[::-1].cumsum()[::-1]  # pixels of a step, or brighter
    step = int(np.flatnonzero(above > BRIGHTEST * above[0])[-1])
    return replace(numbers, peak=2.0 ** (step / STEPS))


@lru_cache(maxsize=16)
def hdr_conversion(tags: ColourTags) -> Convert:
    """Return the function that converts uint8 or uint16 [..., C] to 8-bit sRGB, uint8 [..., 3].

    Args:
        tags: Numbers of PQ or HLG; see `hdr_of`. Light is compressed if their peak is above 1.
    """
    light_of, levels, gains = _light_of(tags), srgb_levels(), _gains(tags.peak)
    matrix = np.linalg.solve(matrix_of(REC_709), matrix_of(_points(tags))).T.astype(np.float32)

    def convert(samples: Samples | Levels) -> Levels:
        flat = _deep(samples).reshape(-1, samples.shape[-1])
        result = np.empty((len(flat), 3), np.uint8)
        for start in range(0, len(flat), BLOCK):
            light = light_of(flat[start : start + BLOCK])
            if tags.peak > 1:
                places = light.max(-1, keepdims=True) * np.float32(BINS / tags.peak)
                light *= gains[np.minimum(np.rint(places), BINS).astype(np.int64)]
            linear = (light @ matrix) * np.float32(FULL) + np.float32(0.5)
            result[start : start + BLOCK] = levels[np.clip(linear, 0, FULL).astype(np.uint16)]
        return result.reshape(*samples.shape[:-1], 3)

    return convert


@lru_cache(maxsize=1)
def srgb_levels() -> Levels:
    """Return the grey levels of sRGB by light in 65,535ths (IEC 61966-2-1)."""
    light = np.linspace(0, 1, FULL + 1)
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray((levels * 255).round(), np.uint8)


def _deep(values: Values) -> Samples:
    return np.asarray(values, np.uint16) * np.uint16(257 if values.dtype == np.uint8 else 1)


def _points(tags: ColourTags) -> tuple[float, ...]:
    return PRIMARIES.get(tags.primaries, REC_709)


def _light_of(tags: ColourTags) -> Callable[[Samples], Light]:
    """Return the function from samples [N, C] to a display's light [N, 3] in parts of white."""
    curve = (_pq_light if tags.transfer == PQ else _hlg_light)(tags.is_narrow)
    luminance = luminance_of(_points(tags)).astype(np.float32)

    def light_of(samples: Samples) -> Light:
        light = curve[samples]
        if light.shape[-1] == 1:
            light = light.repeat(3, -1)
        if tags.transfer == HLG:
            scene = np.maximum(light @ luminance, 0)[:, None]
            light *= scene ** np.float32(SYSTEM_GAMMA - 1) * np.float32(HLG_PEAK / WHITE)
        return light

    return light_of


@lru_cache(maxsize=2)
def _pq_light(is_narrow: bool) -> Light:
    """Return the light of each value in parts of white (SMPTE ST 2084)."""
    power = values_of(FULL + 1, is_narrow) ** (1 / M2)
    light = (np.maximum(power - C1, 0) / (C2 - C3 * power)) ** (1 / M1)
    return np.asarray(light * 10_000 / WHITE, np.float32)


@lru_cache(maxsize=2)
def _hlg_light(is_narrow: bool) -> Light:
    """Return the light of a scene, 0 to 1, of each value (ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    values = values_of(FULL + 1, is_narrow)
    light = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    return np.asarray(light, np.float32)


def _pq_value(light: Array | float) -> Array:
    """Return the value, 0 to 1, of light in parts of white."""
    power = (np.asarray(light) * WHITE / 10_000) ** M1
    return np.asarray(((C1 + C2 * power) / (1 + C3 * power)) ** M2)


@lru_cache(maxsize=16)
def _gains(peak: float) -> Light:
    """Return by how much light is multiplied so that the peak becomes white.

    Args:
        peak: In parts of white, above 1 if there is to be a gain.

    Returns:
        One factor for each of BINS + 1 steps from no light to the peak.
    """
    light = np.linspace(0, peak, BINS + 1)
    top = float(_pq_value(peak))
    white = float(_pq_value(1.0)) / top
    knee = 1.5 * white - 0.5
    values = _pq_value(light) / top
    t = np.maximum(values - knee, 0) / max(1 - knee, 1e-9)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee)
    spline += (3 * t**2 - 2 * t**3) * white
    shown = np.interp(np.where(values < knee, values, spline) * top, _pq_value(light), light)
    return np.divide(shown, light, out=np.ones_like(light), where=light > 0).astype(np.float32)
