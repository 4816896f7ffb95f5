"""Words and small pieces of HTML that several tabs share. Everything from outside is escaped."""

from collections.abc import Sequence
from html import escape

from searcher.library import Library
from searcher.models import Model
from searcher.results import Hit, Ranking
from searcher.status import Status

STAGE_NAMES = {
    "decode": "decode",
    "embed": "embed",
    "milvus": "Milvus",
    "redis": "Redis",
    "total": "total",
}


def model_choices(status: Status) -> list[tuple[str, str]]:
    """What the dropdowns offer: title, dimensions and coverage, with the model's name behind."""
    return [(f"{m.display} · {m.dim}-d · {coverage(status, m)}", m.name) for m in status.ready]


def coverage(status: Status, model: Model) -> str:
    """How much of the library a model can search."""
    covered = min(status.covered(model.name), status.pictures)
    if covered == status.pictures:
        return f"all {status.pictures}" if status.pictures else "no pictures"
    return f"{covered} of {status.pictures} indexed"


def thumbnail_url(library: Library, picture_id: int) -> str:
    """A thumbnail's path relative to the data folder, which is the app's working folder.

    Gradio shows the paths of files in their addresses: a relative one says nothing of the server.
    """
    path = library.thumbnail_path(picture_id)
    return path.relative_to(library.settings.data).as_posix()


def timings(ranking: Ranking) -> str:
    """The stages' times as HTML, such as decode 3 ms · embed 58 ms · total 72 ms."""
    return " · ".join(
        f"<span>{name} <b>{milliseconds(ranking.timings_ms[stage])}</b></span>"
        for stage, name in STAGE_NAMES.items()
    )


def caption(hit: Hit) -> str:
    """The two lines on a picture of the gallery."""
    return f"{hit.rank} · {hit.record.label}\nd {hit.distance:.3f} · {hit.similarity:.0%}"


def status_line(ranking: Ranking, status: Status, model: Model | None) -> str:
    """What was searched and how long it took, with what is not complete."""
    parts = [f"<b>{len(ranking.hits)}</b> of {status.pictures} pictures", timings(ranking)]
    if model and status.covered(model.name) < status.pictures:
        parts.append(f"<span class='tl-warn'>{coverage(status, model)}</span>")
    if ranking.unresolved:
        parts.append(f"<span class='tl-warn'>{ranking.unresolved} without a record left out</span>")
    return f"<div class='tl-line' role='status'>{' · '.join(parts)}</div>"


def with_code(sentence: str) -> str:
    """Escape a sentence and set what stands between backticks as code."""
    pieces = escape(sentence).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def cards(
    library: Library, hits: Sequence[Hit], badges: Sequence[tuple[str, str]], side: str
) -> str:
    """A ranked list of pictures as HTML; `badges` are (kind, text), `side` is a, b or both."""
    items = [
        f"<li class='tl-card tl-{kind}'>"
        f"<img loading='lazy' src='gradio_api/file={thumbnail_url(library, hit.record.id)}' "
        f"alt='{escape(hit.record.name, quote=True)}, rank {hit.rank}'>"
        f"<div class='tl-facts'><span class='tl-rank'>{hit.rank}</span>"
        f"<span class='tl-badge'>{escape(badge)}</span></div>"
        f"<div class='tl-name' title='{escape(hit.record.name, quote=True)}'>"
        f"{escape(hit.record.name)}</div>"
        f"<div class='tl-distance'>d {hit.distance:.3f} · {hit.similarity:.0%}</div></li>"
        for hit, (kind, badge) in zip(hits, badges, strict=True)
    ]
    return f"<ol class='tl-cards tl-side-{side}'>{''.join(items)}</ol>"


def milliseconds(value: float) -> str:
    """A time as it is shown: one digit behind the point below 10 ms."""
    return f"{value:.0f} ms" if value >= 9.5 else f"{value:.1f} ms"
