"""Health, metrics and request ids: what who runs the app, and its orchestrator, can ask."""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse

from searcher.errors import StoreUnavailable
from searcher.library.health import AWAY, LATE_S, HealthCheck, StoreProbe
from searcher.library.status import Status
from searcher.messages.message import Message
from searcher.messages.sentences import SENTENCES
from searcher.search.results import Ranking
from searcher.ui.monitoring.monitoring_routes import Monitoring
from searcher.ui.monitoring.prometheus import MOST_MODELS, OTHER, Metrics
from tests.altered_app import ALTERED
from tests.pictures import folder
from tests.servers import App, free_port, redis_on, running, wait_apart, wait_for

OPENED = Status(opened=True)
PROBE = {"host": "10.1.2.3:7860"}  # Kubernetes and Prometheus call by the pod's address
ACCOUNT = ("ada", "right")
SECONDS = 60.0  # an answer that waits for a store never comes


def ask(app: Monitoring, path: str = "/healthz") -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(transport=transport) as client:
            return await client.get(f"http://app{path}")

    return wait_apart(get())


def monitoring(status: Status, **asks: Callable[[], object]) -> Monitoring:
    """The routes before an app; `asks` are the requests to stores."""
    probes = {name: StoreProbe(act, f"store.{name}_away") for name, act in asks.items()}
    return Monitoring(PlainTextResponse("app"), HealthCheck(probes, lambda: status))


def away() -> None:
    raise StoreUnavailable("store.redis_away")


def nothing() -> None:
    pass


def problem(code: str, **params: object) -> Status:
    return Status(opened=True, problems=(Message(code, params),))


@pytest.mark.parametrize(
    ("status", "ask_redis", "code", "state", "reasons"),
    [
        (OPENED, nothing, 200, "ready", []),
        (OPENED, away, 503, "unavailable", ["store.redis_away"]),
        (Status(), away, 200, "degraded", ["work.opening"]),  # nobody is asked yet
        (problem("disk.full"), nothing, 200, "degraded", ["disk.full"]),
        (problem("store.foreign", store="Redis"), nothing, 503, "unavailable", ["store.foreign"]),
        # The store has answered since the worker's latest round.
        (problem("store.redis_away"), nothing, 200, "ready", []),
    ],
)
def test_health_has_a_state_and_codes(
    status: Status, ask_redis: Callable[[], object], code: int, state: str, reasons: list[str]
) -> None:
    answer = ask(monitoring(status, redis=ask_redis, milvus=nothing))
    assert (answer.status_code, answer.json()) == (code, {"status": state, "reasons": reasons})
    assert answer.headers["cache-control"] == "no-store"


def test_no_answer_waits_for_a_store() -> None:
    end = threading.Event()
    app = monitoring(OPENED, redis=end.wait)
    try:
        assert ask(app).json()["status"] == "ready"  # until it is late
        assert ask(app, "/else").text == "app"
        assert ask(app, "/metrics").text == "app"
    finally:
        end.set()


def test_a_store_that_is_late_is_away_and_asked_once() -> None:
    end, now, asked = threading.Event(), [0.0], [0]
    codes = []

    def wait() -> None:
        asked[0] += 1
        end.wait()

    probe = StoreProbe(wait, "store.milvus_away", clock=lambda: now[0])
    probe.begin()
    try:
        now[0] = LATE_S
        codes.append(probe.code)
        now[0] += 1
        probe.begin()
        codes.append(probe.code)
    finally:
        end.set()
    wait_for(lambda: not probe.is_asking)
    assert [*codes, probe.code] == [None, "store.milvus_away", ""]
    assert asked == [1]


def test_the_codes_are_those_of_messages() -> None:
    assert set(SENTENCES) >= AWAY


def families(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by the names of samples, and by those of their labels."""
    values: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(value for name, value in sample.labels.items() if name != "le")
            values.setdefault(sample.name, {})[labels] = sample.value
    return values


def test_labels_are_few_whatever_is_sent() -> None:
    metrics = Metrics()
    for number in range(MOST_MODELS + 9):
        metrics.searched([Ranking(f"model-{number}", [], {"total": 30.0}, 0)])
        metrics.answered(f"/gradio_api/call/{number}", 200, 0.1)
        metrics.answered(f"/made-up/{number}", 404, 0.1)
    values = families(metrics.text()[0].decode())
    searches = values["twinlens_search_seconds_count"]
    assert len(searches) == MOST_MODELS + 1
    assert searches[(OTHER, "total")] == 9
    assert values["twinlens_search_seconds_sum"][("model-0", "total")] == pytest.approx(0.03)
    requests = {("call", "200"): MOST_MODELS + 9, (OTHER, "404"): MOST_MODELS + 9}
    assert values["twinlens_requests_total"] == requests


@dataclass(frozen=True)
class Watched:
    """An app, and how to stop its Redis."""

    app: App
    stop_redis: Callable[[], None]

    def get(self, path: str, **options: object) -> httpx.Response:
        return httpx.get(self.app.url + path, headers=PROBE, **options)  # type: ignore[arg-type]


def values_of(watched: Watched) -> dict[str, dict[tuple[str, ...], float]]:
    return families(watched.get("/metrics", auth=ACCOUNT).text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, baselines: Path) -> Iterator[Watched]:
    """An app with metrics, a login and allowed names; one of its endpoints fails."""
    home = tmp_path_factory.mktemp("watched")
    (home / "models").symlink_to(baselines)
    folder(home / "samples", {"a": 3})
    port = free_port()
    variables = {"AUTH": "ada:right", "METRICS": "1", "ALLOWED_HOSTS": "pictures.example"}
    variables |= {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "TRUSTED_PROXIES": "127.0.0.1"}
    alter = json.dumps({"searcher.ui.api.endpoints.serializers": None})
    with (
        redis_on(port, home / "redis") as server,
        running(home, ALTERED, ALTER=alter, **variables) as app,
    ):
        watched = Watched(app, server.terminate)
        wait_for(lambda: watched.get("/healthz").json()["status"] == "ready", what="the library")
        wait_for(lambda: values_of(watched)["twinlens_vectors"].get(("colour",)) == 3)
        yield watched


def test_metrics_count_what_was_asked(watched: Watched) -> None:
    client = Client(watched.app.url, verbose=False, auth=ACCOUNT)
    picture = handle_file(str(watched.app.log.parent / "samples" / "a" / "a-1.jpg"))
    searched = 2
    for _ in range(searched):
        client.predict(picture, "colour", 2, api_name="/search")
    for account in (None, ("ada", "wrong"), ("", "")):
        assert watched.get("/metrics", auth=account).status_code == 401
    answer = watched.get("/metrics", auth=ACCOUNT)
    assert answer.headers["content-type"].startswith("text/plain")
    values = values_of(watched)
    counts = values["twinlens_search_seconds_count"]
    assert {stage: counts[("colour", stage)] for stage in ("embed", "milvus", "total")} == {
        "embed": searched,
        "milvus": searched,
        "total": searched,
    }
    assert values["twinlens_store_up"] == {("redis",): 1, ("milvus",): 1}
    assert values["twinlens_pictures"] == {(): 3}
    assert values["twinlens_vectors"][("colour",)] == 3
    assert values["twinlens_ready"] == {(): 1}
    assert values["process_resident_memory_bytes"][()] > 50e6
    requests = values["twinlens_requests_total"]
    assert requests[("call", "200")] >= searched
    assert requests[(OTHER, "401")] == 3


def test_a_failure_names_its_line_of_the_log(watched: Watched) -> None:
    client = Client(watched.app.url, verbose=False, auth=ACCOUNT)
    with pytest.raises(AppError) as failure:
        client.predict(api_name="/models")  # in the queue
    ids = re.findall(r"under ([0-9a-f]{12})\.", str(failure.value))
    with httpx.Client(base_url=watched.app.url) as http:
        http.post("/login", data={"username": "ada", "password": "right"})
        answer = http.post("/gradio_api/run/models", json={"data": []})
        ids.append(answer.headers["x-request-id"])
        assert f"under {ids[1]}." in answer.text
        given = http.get("/config", headers={"x-request-id": "from-a-proxy.1"})
        assert given.headers["x-request-id"] == "from-a-proxy.1"
        strange = http.get("/config", headers={"x-request-id": "a b"})
        assert re.fullmatch("[0-9a-f]{12}", strange.headers["x-request-id"])
    assert len(set(ids)) == 2
    log = watched.app.log.read_text()
    for request in ids:
        assert re.search(rf"\[{request}\] models failed\nTraceback", log)


def test_health_needs_no_login_and_no_name_and_says_when_a_store_is_away(watched: Watched) -> None:
    """The last test: Redis is not started again."""
    assert watched.get("/config").status_code == 403  # unlike all else
    watched.stop_redis()
    wait_for(lambda: watched.get("/healthz").status_code == 503, what="an answer of 503")
    answer = watched.get("/healthz").json()
    assert answer["status"] == "unavailable"
    assert "store.redis_away" in answer["reasons"]
    assert values_of(watched)["twinlens_store_up"][("redis",)] == 0
