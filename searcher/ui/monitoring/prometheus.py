"""Metrics for Prometheus. Their labels have few values, whatever visitors send."""

import re
import time
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher import memory
from searcher.library.health import HealthCheck
from searcher.library.worker import Worker
from searcher.search.results import Ranking

MOST_MODELS = 50  # with a label of their own; models come and go while the app runs
OTHER = "other"
BUCKETS_S = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
# The first that matches a path is its route.
ROUTES = (
    ("page", re.compile(r"/")),
    ("file", re.compile(r"/gradio_api/file[=/].*|/twinlens/thumbs/.*", re.DOTALL)),
    ("asset", re.compile(r"/(assets|static|svelte)/.*|/theme\.css|/favicon\.ico", re.DOTALL)),
    ("upload", re.compile(r"/gradio_api/upload")),
    ("call", re.compile(r"/gradio_api/(call|run|api|queue)/.*", re.DOTALL)),
    ("mcp", re.compile(r"/gradio_api/mcp.*", re.DOTALL)),
    ("events", re.compile(r"/twinlens/(events|version)")),
)


class Metrics:
    """All metrics of one app. Safe to use from several threads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "twinlens_requests", "HTTP requests.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "twinlens_request_seconds",
            "Seconds until an answer begins.",
            ["route"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._searches = Histogram(
            "twinlens_search_seconds",
            "Seconds of a search by one model, by stage.",
            ["model", "stage"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._models: set[str] = set()

    def watch(self, worker: Worker, health: HealthCheck) -> None:
        """Report the library's state, too."""
        self._registry.register(_State(worker, health))

    def searched(self, rankings: Sequence[Ranking]) -> None:
        """Count a search, with its times."""
        for ranking in rankings:
            model = self._label(ranking.model)
            for stage, milliseconds in ranking.timings_ms.items():
                self._searches.labels(model, stage).observe(milliseconds / 1000)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count a request, with the seconds until its answer began."""
        route = next((name for name, pattern in ROUTES if pattern.fullmatch(path)), OTHER)
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """Return all metrics in Prometheus' format, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _label(self, model: str) -> str:
        if model not in self._models and len(self._models) >= MOST_MODELS:
            return OTHER
        self._models.add(model)
        return model


class CountRequests:
    """ASGI middleware that counts requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                self._metrics.answered(scope["path"], message["status"], seconds)
            await send(message)

        await self._app(scope, receive, send_counted)


class _State(Collector):
    """Gauges that are read when somebody asks."""

    def __init__(self, worker: Worker, health: HealthCheck) -> None:
        self._worker = worker
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        status = self._worker.status
        up = {name: probe.code == "" for name, probe in self._health.probes.items()}
        jobs = Tally(job.what.code for job in status.jobs if not job.is_elsewhere)
        yield _gauge("twinlens_store_up", "1 if a store answers.", "store", up.items())
        yield _gauge("twinlens_jobs", "Running jobs by kind.", "kind", jobs.items())
        yield _gauge("twinlens_vectors", "Vectors by model.", "model", status.coverage)
        yield _one("twinlens_pictures", "Pictures of the library.", status.pictures)
        ready = self._health.health().state == "ready"
        yield _one("twinlens_ready", "1 if nothing is wrong with the library.", ready)
        used = memory.decoding.used
        yield _one("twinlens_decoding_bytes", "Memory that decoding of pictures takes.", used)


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values:
        family.add_metric([value], float(number))
    return family


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))
