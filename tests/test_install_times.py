"""How long an installation takes is learned from those before."""

from typing import Any

import pytest

from searcher.library.core import Library
from searcher.library.install_times import InstallTimes, Stopwatch, estimate
from searcher.messages.message import message
from searcher.models.catalog import CATALOGUE
from searcher.stores.connection import RedisConnection
from searcher.stores.records import RecordStore

RESNET, VGG, DINO = (CATALOGUE[name] for name in ("resnet50", "vgg16", "dinov2_small"))


def test_an_estimate_follows_what_was_measured(
    records: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = InstallTimes(records)
    assert estimate(RESNET, times.read()).seconds == pytest.approx(94.8 / 12.5 + 60)
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    watch = Stopwatch()
    for second, code, done in (
        (102, "install.starting", None),
        (104, "hub.downloading", 0.0),
        (114, "hub.downloading", 20.0),
        (124, "hub.downloading", 40.0),
        (125, "hub.downloading", 0.0),  # another file
        (135, "hub.downloading", 20.0),
        (136, "install.converting", None),
    ):
        clock[0] = second
        params = {} if done is None else {"done": done, "total": 40.0}
        watch.note(message(code, **params))
    clock[0] = 150.0
    watch.end()
    assert (watch.megabytes, watch.download_s, watch.other_s) == (60.0, 30.0, 20.0)
    times.record(RESNET, watch)
    measured = times.read()
    assert estimate(RESNET, measured).rate == 2.0
    assert estimate(RESNET, measured).seconds == pytest.approx(94.8 / 2 + 20)
    assert estimate(VGG, measured).seconds == pytest.approx(58.9 / 2 + 20)  # of the same kind
    assert estimate(DINO, measured).seconds == pytest.approx(88.5 / 2 + 30)
    # A file that was in a cache says nothing of the connection.
    cached = Stopwatch()
    cached.end()
    times.record(RESNET, cached)
    assert estimate(RESNET, times.read()).rate == 2.0


def test_the_networks_are_listed_with_three_requests(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = RedisConnection.call
    requests: list[object] = []

    def counted(self: RedisConnection, action: Any) -> Any:
        requests.append(action)
        return call(self, action)

    library.installs.advance("vgg16", message("install.converting"))
    monkeypatch.setattr(RedisConnection, "call", counted)
    states = {model.name: model.state for model in library.installs.models()}
    assert states.keys() == CATALOGUE.keys()
    assert {name for name, state in states.items() if state == "installing"} == {"vgg16"}
    assert len(requests) == 3, "times, networks of the Hub, and all states at once"
