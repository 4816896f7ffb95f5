"""Retrieval quality of each model, measured on the library's own labels or on judgements.

Every score of every query is kept, with the nearest pictures, so that a number can be opened.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from searcher.evaluation.evaluation_results import MAIN_MEASURE, Evaluation, Quality
from searcher.evaluation.measured import remember
from searcher.evaluation.near_copies import near_copies
from searcher.evaluation.paired import compare_pairs
from searcher.evaluation.plan import Plan, make_task
from searcher.evaluation.stopping import Progress, Stop, asking
from searcher.evaluation.task import Task, measurable
from searcher.evaluation.vector_parts import fetch_vectors
from searcher.library.core import Library
from searcher.metrics.depth_curves import DepthCurves, DepthTally
from searcher.metrics.relevant_ranks import RowArray, rank_in_blocks
from searcher.metrics.retrieval import CUTOFFS, Scores, ceilings, nearest_label, score
from searcher.models.registry import Model
from searcher.types import FloatArray

DEFAULT_K = 10
MIN_DEPTH = 20  # of the rankings that are kept, at least
RANKING_SHARE = 0.8  # of the time; comparisons take the rest

LEAVE_ONE_OUT = Plan()


class _Ceilings(NamedTuple):
    """What the best ranking possible would have, the same for every model; filled in by the first.

    `scores` of each query by measure, and the precision and recall at every depth.
    """

    scores: Scores
    curves: list[DepthCurves]


class _Scored(NamedTuple):
    """A model's scores of each query by measure, its nearest pictures, and its curves."""

    scores: dict[str, FloatArray]
    nearest: RowArray
    curves: DepthCurves


def evaluate(
    library: Library,
    names: Sequence[str] = (),
    k: int = DEFAULT_K,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
    plan: Plan = LEAVE_ONE_OUT,
) -> Evaluation:
    """Measure models on the pictures that all of them have indexed.

    Args:
        library: The library.
        names: Names of models; empty for all that are ready.
        k: The depth at which rankings are cut.
        progress: Called with the completed share, 0 to 1.
        is_stopped: Whether to end early.
        plan: Which pictures are queries, and what is relevant to them.

    Returns:
        The measures of each model, in the order of `names`.

    Raises:
        ModelNotReady: A name is not that of a ready model.
        NotEnoughLabels: No query has a relevant picture.
        InvalidRequest: There are no queries, or no gallery.
        EvaluationStopped: `is_stopped` has become true.
        StoreUnavailable: Redis or Milvus does not answer.
    """
    with library.priority.query():
        models = [library.registry.get(name) for name in dict.fromkeys(names)] or measurable(
            library
        )
        ask = asking(is_stopped)
        task = make_task(library, models, plan, lambda: ask(0))
        evaluation = measure(library, models, task, k, progress, is_stopped)
        if plan.is_default:
            remember(library, {q.model.name: q.means[MAIN_MEASURE] for q in evaluation.models})
        return evaluation


def measure(
    library: Library,
    models: Sequence[Model],
    task: Task,
    k: int = DEFAULT_K,
    progress: Progress = lambda share: None,
    is_stopped: Stop = lambda: False,
) -> Evaluation:
    """Measure models on a task; see `evaluate`."""
    measured: list[_Scored] = []
    most = _Ceilings({}, [])
    advance = asking(is_stopped, progress)

    def report(share: float) -> None:
        advance(RANKING_SHARE * (len(measured) + share) / len(models))

    for model in models:
        report(0)
        measured.append(_score(library, model, task, k, most, report))
    all_scores = {m.name: found.scores for m, found in zip(models, measured, strict=True)}
    results = compare_pairs(
        all_scores, lambda share: advance(RANKING_SHARE + (1 - RANKING_SHARE) * share)
    )
    return Evaluation(
        k=k,
        pictures=len(task.gallery),
        labels=len(np.unique(task.gallery.labels)),
        models=[
            Quality(
                model=model,
                milliseconds=speed.ms if (speed := library.speeds.get(model)) else None,
                queries=len(task.queries),
                means={name: _rounded(values.mean()) for name, values in found.scores.items()},
                ci95={
                    name: (_rounded(low), _rounded(high))
                    for name, (low, high) in results.intervals[model.name].items()
                },
                per_label=_per_label(task, found.scores),
                scores=found.scores,
                nearest=found.nearest,
                curves=found.curves,
            )
            for model, found in zip(models, measured, strict=True)
        ],
        task=task,
        ceilings={name: _rounded(values.mean()) for name, values in most.scores.items()},
        comparisons=results.comparisons,
        near_copies=near_copies(task, [found.nearest for found in measured])
        if task.has_single_labels
        else [],  # pictures with several labels may share one
        ceiling_curves=most.curves[0],
        ideal={name: values.astype(np.float32) for name, values in most.scores.items()},
    )


def _score(
    library: Library,
    model: Model,
    task: Task,
    k: int,
    most: _Ceilings,
    progress: Progress,
) -> _Scored:
    """Score a model; fill in the ceilings, `most`, if they are empty."""

    def check() -> None:
        progress(0)

    gallery = fetch_vectors(library, model, task.gallery.ids, check)
    if model.name in task.vectors:
        queries = task.vectors[model.name]
    elif (task.places >= 0).all():
        queries = gallery[task.places]
    else:
        queries = fetch_vectors(library, model, task.queries.ids, check)
    depth = max(k, MIN_DEPTH, *CUTOFFS)
    nearest = np.empty((len(queries), depth), np.int32)
    parts: list[Scores] = []
    ideals: list[Scores] = []
    tally, ideal = DepthTally(depth), DepthTally(depth)
    for rows, ranks, block in rank_in_blocks(queries, gallery, task.truth, depth, progress):
        nearest[rows] = block
        parts.append(score(ranks, k))
        tally.add(ranks)
        if not most.scores:
            ideals.append(ceilings(ranks, k))
            ideal.add(ranks.ideal)
    scores = {
        name: np.concatenate([part[name] for part in parts]).astype(np.float32) for name in parts[0]
    }
    if ideals:
        most.curves.append(ideal.curves())
    for name in ideals[0] if ideals else ():
        most.scores[name] = np.concatenate([part[name] for part in ideals])
    scores[f"knn@{k}"] = _is_right(task, nearest, k)
    most.scores.setdefault(f"knn@{k}", np.ones(len(queries)))
    return _Scored(scores, nearest, tally.curves())


def _is_right(task: Task, nearest: RowArray, k: int) -> FloatArray:
    """Return whether the k nearest pictures' vote is each query's label, 0 or 1 [Q]."""
    names, numbers = np.unique(task.gallery.labels, return_inverse=True)
    winners = nearest_label(nearest, numbers, k)
    right: FloatArray = ((winners >= 0) & (names[winners] == task.queries.labels)).astype(
        np.float32
    )
    return right


def _per_label(task: Task, scores: dict[str, FloatArray]) -> dict[str, dict[str, float]]:
    labels, numbers, counts = np.unique(
        task.queries.labels, return_inverse=True, return_counts=True
    )
    sums = {name: np.bincount(numbers, values) / counts for name, values in scores.items()}
    kinds, sizes = np.unique(task.gallery.labels, return_counts=True)
    pictures = dict(zip(kinds.tolist(), sizes.tolist(), strict=True))
    return {
        label: {name: _rounded(means[row]) for name, means in sums.items()}
        | {"pictures": pictures.get(label, 0)}
        for row, label in enumerate(labels.tolist())
    }


def _rounded(value: float) -> float:
    return round(float(value), 4)
