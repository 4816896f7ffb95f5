"""What a model costs: time and memory for a number of pictures, and the price of the memory."""

from typing import NamedTuple

PICTURES = 1_000_000  # that costs are told for
GIB = 2**30
DEFAULT_PRICE = 4.0  # of a GB of memory for a month, in whatever currency
MAX_PRICE = 1e6


class Cost(NamedTuple):
    """The costs of PICTURES pictures.

    Attributes:
        hours: To embed them one by one on this machine; None where the speed was not measured.
        gb: GiB of memory that a search needs.
        price: Of that memory, for a month.
    """

    hours: float | None
    gb: float
    price: float


def cost(milliseconds: float | None, size: float, price: float) -> Cost:
    """Return what PICTURES pictures cost.

    Args:
        milliseconds: To embed one picture, if it was measured.
        size: Bytes of a picture in memory.
        price: Of a GiB of memory for a month.
    """
    hours = None if milliseconds is None else milliseconds * PICTURES / 3_600_000
    gb = size * PICTURES / GIB
    return Cost(hours, gb, gb * price)
