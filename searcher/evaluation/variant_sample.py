"""A sample of a model's full vectors, in which its smaller variants are searched."""

import numpy as np
import numpy.typing as npt

from searcher.errors import ModelNotReady
from searcher.evaluation.stopping import Progress
from searcher.library.core import Library
from searcher.library.vector_variants import AXES_SAMPLE, fetch_sample
from searcher.metrics.retrieval import has_relevant
from searcher.metrics.shrinkage import BINARY, PCA, Variant, principal_axes, variants
from searcher.metrics.variant_search import IntArray, VariantSearch, best_binary
from searcher.models.registry import Model
from searcher.types import FloatArray

K = 10  # hits that are compared, those of MAIN_MEASURE
MIN_PICTURES = K + 2
MAX_QUERIES = 500
MAX_BYTES = 2**28  # of full vectors that are measured with; a larger library is sampled
SEED = 0
FETCHING_SHARE = 0.9  # of the time until the sample is there


class VariantSample:
    """Pictures of a model, the same at each call, and some of them as queries.

    Attributes:
        ids: The pictures' ids [N].
        vectors: Their full vectors, float32 [N, D].
        labels: Their labels [N].
        rows: The queries, as rows of the vectors [Q].
        has_labels: Whether these have labels that others share.
        truth: Their K nearest pictures by the full vectors, as rows [Q, K].
    """

    def __init__(
        self, library: Library, model: Model, advance: Progress = lambda share: None
    ) -> None:
        """Fetch the sample.

        Args:
            library: The library.
            model: The model.
            advance: Called with the completed share, 0 to 1; may raise to end early.

        Raises:
            ModelNotReady: The model has vectors of too few pictures.
            StoreUnavailable: Redis or Milvus does not answer.
        """
        advance(0)
        self._model = model
        self.ids, self.vectors = fetch_sample(
            library,
            model,
            MAX_BYTES // (4 * model.dim),
            lambda done, total: advance(FETCHING_SHARE * done / total),
        )
        if len(self.ids) < MIN_PICTURES:
            raise ModelNotReady(
                "shrink.too_few_to_measure", model=model.display, count=MIN_PICTURES
            )
        self.variants = variants(model.dim, len(self.ids))
        self._axes = np.empty((0, model.dim), np.float32)
        records = library.records.get(self.ids)
        self.labels = np.array([record.label if record else "" for record in records])
        self.rows, self.has_labels = _queries(self.labels)
        advance(FETCHING_SHARE)
        self.truth = VariantSearch(Variant("", model.dim), self.vectors).nearest(self.rows, K)

    def __len__(self) -> int:
        """Return the number of pictures N."""
        return len(self.vectors)

    def _first_axes(self, dim: int) -> FloatArray:
        """At least so many principal axes, and as many as the variants need that are measured."""
        most = max(dim, *(variant.dim for variant in self.variants if variant.method == PCA), 0)
        if len(self._axes) < most:
            self._axes = principal_axes(self.vectors[:AXES_SAMPLE], most)
        return self._axes

    def search(self, variant: Variant) -> tuple[VariantSearch, bool]:
        """Return the pictures in a variant, and whether binary vectors are centred.

        Raises:
            ModelNotReady: PCA finds fewer axes in so few pictures.
        """
        if variant.type == BINARY:
            return best_binary(variant, self.vectors, self.rows, self.truth)
        if variant.method != PCA:
            return VariantSearch(variant, self.vectors), False
        if variant.dim >= min(len(self), AXES_SAMPLE):
            name = self._model.display
            raise ModelNotReady("shrink.too_few_pictures", model=name, count=variant.dim)
        return VariantSearch(variant, self.vectors, self._first_axes(variant.dim)), False

    def precisions(self, nearest: IntArray) -> FloatArray:
        """Return the precision at K of each query [Q], given its nearest pictures' rows [Q, K]."""
        right: FloatArray = (self.labels[nearest] == self.labels[self.rows][:, None]).mean(axis=1)
        return right


def _queries(labels: npt.NDArray[np.str_]) -> tuple[IntArray, bool]:
    """Return the rows of the queries, and whether these have labels that others share."""
    labelled = np.flatnonzero(has_relevant(labels) & (labels != ""))
    pool = labelled if len(labelled) else np.arange(len(labels))
    count = min(len(pool), MAX_QUERIES)
    chosen = np.random.default_rng(SEED).choice(pool, count, replace=False)
    return np.sort(chosen).astype(np.int64), len(labelled) > 0
