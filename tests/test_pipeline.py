"""Look-ahead keeps the order, stays within its limit, and hides no error."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from searcher.indexing.prefetch import chunks, delay_by_one, gather, produce_ahead, submit_ahead


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_chunks_are_whole_but_for_the_last() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []


def test_no_more_than_asked_for_is_under_way(pool: ThreadPoolExecutor) -> None:
    items_read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            items_read.append(number)
            yield number

    results = []
    for item, double in submit_ahead(pool, lambda number: 2 * number, items(), ahead=3):
        assert len(items_read) <= item + 3
        results.append(double.result())
    assert results == list(range(0, 20, 2))


def test_the_next_is_made_while_one_is_used(pool: ThreadPoolExecutor) -> None:
    second_is_made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_is_made.set()
        yield 2

    used = []
    for item in produce_ahead(pool, items()):
        assert second_is_made.wait(60)
        used.append(item)
    assert used == [1, 2]


def test_what_goes_wrong_ahead_is_raised_in_its_turn(pool: ThreadPoolExecutor) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    ahead = produce_ahead(pool, items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="two"):
        next(ahead)


def test_an_item_waits_for_the_one_after_it() -> None:
    results = []

    def items() -> Iterator[int]:
        for number in range(3):
            results.append(number)
            yield number

    assert [(item, len(results)) for item in delay_by_one(items())] == [(0, 2), (1, 3), (2, 3)]


def gathered(items: list[int], seconds: float = 60, is_urgent: bool = False) -> list[list[int]]:
    return list(gather(items, lambda item: item, 8, seconds, lambda: is_urgent))


def test_groups_grow_up_to_a_limit() -> None:
    assert gathered([1] * 20) == [[1], [1] * 2, [1] * 4, [1] * 8, [1] * 5]
    assert gathered([3, 3, 3, 20, 1]) == [[3], [3, 3], [20], [1]]
    assert gathered([]) == []


def test_no_item_waits_long_for_its_group() -> None:
    assert gathered([1] * 4, seconds=0) == [[1]] * 4
    assert gathered([1] * 4, is_urgent=True) == [[1]] * 4
