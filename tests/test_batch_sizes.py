"""How large batches and chunks are, by what was measured."""

from searcher.indexing.batch_sizes import (
    CHUNK,
    CHUNK_BYTES,
    LONG_BATCH,
    MAX_BATCH,
    QUICK_S,
    batch_size,
    chunk_size,
    short_size,
)
from searcher.models.embedder import BATCH


def test_the_processor_gets_longer_batches_of_quick_networks_only() -> None:
    assert batch_size({}, is_cpu=True) == BATCH
    assert batch_size({BATCH: QUICK_S / 2}, is_cpu=True) == LONG_BATCH
    assert batch_size({BATCH: 2 * QUICK_S}, is_cpu=True) == BATCH


def sizes_until_settled(fixed_s: float, picture_s: float) -> list[int]:
    """The sizes of successive batches that take a fixed time, and some for each picture."""
    paces: dict[int, float] = {}
    sizes: list[int] = []
    while len(sizes) < 12:
        sizes.append(batch_size(paces, is_cpu=False))
        paces[sizes[-1]] = fixed_s / sizes[-1] + picture_s
    return sizes


def test_an_accelerator_gets_twice_as_many_while_that_is_quicker() -> None:
    assert sizes_until_settled(1.0, 0.0001)[:6] == [8, 16, 32, 64, 128, 256]
    assert sizes_until_settled(1.0, 0.0001)[-1] == MAX_BATCH
    assert set(sizes_until_settled(0.002, 0.001)[5:]) == {32}
    assert set(sizes_until_settled(0.0, 0.001)[2:]) == {BATCH}


def test_batches_are_short_while_somebody_searches() -> None:
    assert short_size(16, 0.015) == 2
    assert short_size(16, 0.0001) == 16
    assert short_size(16, 1.0) == short_size(16, float("inf")) == 1


def test_the_inputs_of_a_chunk_are_bounded() -> None:
    assert chunk_size(3 * 224 * 224, is_cpu=True) == CHUNK
    assert chunk_size(3 * 224 * 224, is_cpu=False) == MAX_BATCH
    large = 3 * 512 * 512
    assert chunk_size(large, is_cpu=False) * large <= CHUNK_BYTES
    assert chunk_size(3 * 4096 * 4096, is_cpu=False) == CHUNK
