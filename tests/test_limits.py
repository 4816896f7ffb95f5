"""The limit on costly calls: by itself, and in a running app."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from searcher.errors import TooManyCalls
from searcher.ui.security import limits
from searcher.ui.security.limits import RateLimit
from tests.servers import App, running, wait_for


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def refusal(limit: RateLimit, visitor: str) -> str:
    with pytest.raises(TooManyCalls) as caught:
        limit.charge(visitor)
    return str(caught.value)


def test_a_minute_has_so_many_calls_and_no_more() -> None:
    clock = Clock()
    limit = RateLimit(3, clock)
    for _ in range(3):
        limit.charge("a")
        clock.now += 10
    assert refusal(limit, "a").endswith("try again in 30 s.")  # the first was 30 s ago
    clock.now += 29.5
    assert refusal(limit, "a").endswith("try again in 1 s.")
    clock.now += 0.5
    limit.charge("a")  # refused calls were not counted
    assert refusal(limit, "a").endswith("try again in 10 s.")


def test_calls_are_counted_together_or_not_at_all() -> None:
    clock = Clock()
    limit = RateLimit(3, clock)
    limit.charge("a", 2)
    clock.now += 10
    with pytest.raises(TooManyCalls, match="try again in 50 s"):
        limit.charge("a", 2)
    limit.charge("a")
    clock.now += 50
    limit.charge("a", 0)
    limit.charge("a", 2)
    refusal(limit, "a")
    limit.charge("b", 8)  # more than a minute has: all of it
    refusal(limit, "b")


def test_each_visitor_has_a_limit_of_their_own() -> None:
    limit = RateLimit(1, Clock())
    limit.charge("a")
    limit.charge("b")
    refusal(limit, "a")
    refusal(limit, "b")


def test_no_limit() -> None:
    limit = RateLimit(0, Clock())
    for _ in range(1000):
        limit.charge("a")
    assert not limit._times


def test_many_visitors_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VISITORS", 5)
    limit = RateLimit(1, Clock())
    for number in range(20):
        limit.charge(str(number))
    assert list(limit._times) == [str(number) for number in range(15, 20)]


def test_threads_together_get_no_more() -> None:
    limit = RateLimit(50, Clock())

    def attempt(_: int) -> bool:
        try:
            limit.charge("a")
        except TooManyCalls:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(400))) == 50


@pytest.fixture(scope="module")
def limited(app: App, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with the settings of Spaces and three calls a minute, on the session's library."""
    client = Client(app.url, verbose=False)
    wait_for(lambda: client.predict(api_name="/status")["pictures"] == 24, what="the samples")
    locations = {
        "TWINLENS_DATA": str(home / "data"),
        "MODELS_DIR": str(home / "models"),
        "SAMPLES_DIR": str(home / "samples"),
    }
    folder = tmp_path_factory.mktemp("limited")
    with running(folder, RATE_LIMIT="3", SPACE_ID="someone/twinlens", **locations) as limited:
        yield limited


def visitor(app: App, address: str) -> Client:
    headers = {"x-forwarded-for": f"{address}, 10.0.0.1"}
    return Client(app.url, verbose=False, headers=headers)


def test_the_app_says_how_long_to_wait(limited: App, home: Path) -> None:
    one, other = visitor(limited, "192.0.2.1"), visitor(limited, "192.0.2.2")
    query = handle_file(str(home / "samples" / "a" / "a-1.jpg"))
    for _ in range(3):
        hit = one.predict(query, "colour", 1, api_name="/search")["hits"][0]
    with pytest.raises(AppError) as caught:
        one.predict(query, "colour", "shape", 1, api_name="/compare")
    message = re.search(r"That was 3 within a minute.*try again in (\d+) s", str(caught.value))
    assert message
    assert 1 <= int(message[1]) <= 60
    with pytest.raises(AppError, match="try again in"):
        one.predict(api_name="/evaluate")

    # Another session of the same visitor has nothing more; another visitor has all.
    with pytest.raises(AppError, match="try again in"):
        visitor(limited, "192.0.2.1").predict(query, "colour", 1, api_name="/search")
    assert other.predict(query, "colour", 1, api_name="/search")["hits"]

    # A query of several parts counts as often, but for stored pictures.
    third = visitor(limited, "192.0.2.3")
    parts = [{"image": query}, {"image": query}, {"picture": hit["id"], "weight": -0.5}]
    assert third.predict(model="colour", parts=parts, api_name="/search")["hits"]
    with pytest.raises(AppError, match="try again in"):
        third.predict(model="colour", parts=parts, api_name="/search")
    assert third.predict(query, "colour", 1, api_name="/search")["hits"]

    # Cheap calls are not limited.
    assert one.predict(hit["id"], "colour", 1, api_name="/search_by_id")["hits"]
    assert one.predict(api_name="/status")["pictures"] == 24
