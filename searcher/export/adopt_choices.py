"""The options of `adopt` as text, as the page, programs and the command line give them."""

from collections.abc import Callable, Mapping
from typing import Any

from searcher.errors import InvalidRequest
from searcher.export.preprocess import PRESETS
from searcher.images.resizing import FITS, RESAMPLES, Fit
from searcher.models.embedder import MAX_SIDE

LAYOUTS = ("NCHW", "NHWC")
POOLS = ("avg", "mean", "max", "cls")
MAX_LETTERS = 200


def parse_choices(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of `AdoptOptions`; an empty text or None leaves one open.

    Args:
        choices: Any of `input`, `layout`, `size` ("224" or "256x192"), `output`,
            `output_layout`, `pool`, `preprocess` (the name of a preset), `fit`, `resize`,
            `resample` and `words` (whether the text side comes, too).

    Raises:
        InvalidRequest: An option is unknown, or has a value that it can't have.
    """
    unknown = sorted(set(choices) - set(READERS))
    if unknown:
        raise InvalidRequest("adopt.unknown_option", name=unknown[0][:80])
    values = {key: _read(key, value) for key, value in choices.items() if value not in (None, "")}
    fit = values.pop("fit", None), values.pop("resize", 0), values.pop("resample", None)
    return {**values, "fit": combine_fit(*fit)}


def combine_fit(fit: str | None, resize: int, resample: str | None) -> Fit | None:
    """Return the resizing of three options, None if there are none; `resize` means a crop."""
    if not (fit or resize or resample):
        return None
    return Fit(fit or ("crop" if resize else "stretch"), resize, resample or "bilinear")


def parse_sides(text: str) -> tuple[int, int]:
    """Parse `224` or `256x192`, height first; raise ValueError for anything else."""
    sides = [int(part) for part in text.lower().split("x")]
    if len(sides) > 2 or not 1 <= min(sides) <= max(sides) <= MAX_SIDE:
        raise ValueError(text)
    return sides[0], sides[-1]


def _one_of(names: Any) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(text)
        return text

    return read


def _number(text: str) -> int:
    return Fit("crop", int(text)).resize


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[_one_of(("true", "false"))(text.lower())]


READERS: dict[str, Callable[[str], Any]] = {
    "input": str,
    "layout": _one_of(LAYOUTS),
    "size": parse_sides,
    "output": str,
    "output_layout": _one_of(LAYOUTS),
    "pool": _one_of(POOLS),
    "preprocess": lambda text: PRESETS[_one_of(PRESETS)(text)],
    "fit": _one_of(FITS),
    "resize": _number,
    "resample": _one_of(RESAMPLES),
    "words": _truth,
}


def _read(key: str, value: Any) -> Any:
    text = str(value).strip()
    try:
        if len(text) > MAX_LETTERS:
            raise ValueError(key)
        return READERS[key](text)
    except ValueError as error:
        raise InvalidRequest("adopt.option", name=key, text=text[:80]) from error
