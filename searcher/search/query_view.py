"""A query as one model sees it, and its vector."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from searcher.errors import InvalidRequest, ModelNotReady
from searcher.models.embedder import Embedder
from searcher.models.registry import Model, ModelRegistry
from searcher.models.text_embedder import TextEmbedder
from searcher.search.query import (
    ALMOST_ZERO,
    Part,
    PictureQuery,
    Query,
    StoredQuery,
    TextQuery,
    needs_embedding,
    parts_of,
)
from searcher.search.signature import Signature, signature_of
from searcher.stores.vectors import VectorStore
from searcher.types import FloatArray


@dataclass(frozen=True)
class QueryView:
    """The parts of a query that one model sees.

    Attributes:
        model: The model.
        network: Its network; None for a model of vectors from elsewhere.
        texts: Its network for words; None where no part of the query has words.
        parts: The parts that it sees, one of which counts for a picture.
        unseen: The positions of the other parts in the query.
    """

    model: Model
    network: Embedder | None
    texts: TextEmbedder | None
    parts: tuple[Part, ...]
    unseen: tuple[int, ...]

    @classmethod
    def of(cls, query: Query, name: str, registry: ModelRegistry) -> "QueryView":
        """Return a model's view of a query, its networks loaded.

        Raises:
            ModelNotReady: The model can't be used, or sees nothing of the query that counts for a
                picture.
            UnknownModel: There is no such file.
        """
        model = registry.get(name)
        network = None
        if model.embeds:
            model, network = registry.load(name)
        parts, unseen = split(query, model)
        has_words = any(isinstance(part.query, TextQuery) for part in parts)
        texts = registry.load_text(name) if has_words else None
        return cls(model, network, texts, parts, unseen)

    @property
    def embedder(self) -> Embedder:
        """The model's network. Raises ModelNotReady if it has none."""
        if self.network is None:
            raise ModelNotReady("model.no_network", model=self.model.display)
        return self.network

    @property
    def signature(self) -> Signature:
        """The signature of the query, as far as the model sees it."""
        return signature_of(self.parts)

    @property
    def needs_embedding(self) -> bool:
        """Whether a part has no stored vector."""
        return any(needs_embedding(part.query) for part in self.parts)

    def decode(self) -> None:
        """Decode the pictures that have to be embedded, unless another view of the query has.

        Raises:
            BadImage: A picture can't be decoded.
            NotFound: A thumbnail is missing.
        """
        for part in self.parts:
            if not isinstance(part.query, TextQuery) and needs_embedding(part.query):
                _ = part.query.picture

    def vector(self, vectors: VectorStore) -> FloatArray:
        """Return the query's vector: the normalised sum of the weighted vectors of its parts.

        Source: Rocchio, "Relevance feedback in information retrieval", in The SMART Retrieval
        System (1971), with a weight for each part.

        Args:
            vectors: Where the vectors of stored pictures are.

        Returns:
            A unit vector [D].

        Raises:
            BadImage: A picture can't be decoded.
            NotFound: A thumbnail is missing.
            ModelNotReady: The model has no vector of a stored picture.
            InvalidRequest: The parts cancel each other out.
        """
        return weighted_sum(
            [self._embed(part.query, vectors) for part in self.parts],
            [part.weight for part in self.parts],
        )

    def _embed(self, query: PictureQuery | TextQuery, vectors: VectorStore) -> FloatArray:
        if isinstance(query, TextQuery):
            assert self.texts is not None
            return self.texts.embed_text(query.text)
        if needs_embedding(query):
            return self.embedder.embed_picture(query.picture)
        assert isinstance(query, StoredQuery)
        stored = vectors.get(self.model.collection, query.picture_id)
        if stored is None and not self.model.embeds:
            raise ModelNotReady("model.no_vector", model=self.model.display)
        if stored is None:
            raise ModelNotReady("picture.not_indexed", model=self.model.display)
        return stored


def split(query: Query, model: Model) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    """Return the parts of a query that a model sees, and the positions of the others.

    A model without a network sees pictures of the library only, whose vectors it has.

    Raises:
        ModelNotReady: It sees no part that counts for a picture.
    """
    parts = parts_of(query)
    unseen = [
        position
        for position, part in enumerate(parts)
        if (isinstance(part.query, TextQuery) and not model.words)
        or (needs_embedding(part.query) and not model.embeds)
    ]
    seen = [part for position, part in enumerate(parts) if position not in unseen]
    if not any(part.weight > 0 for part in seen):
        if not model.embeds:
            raise ModelNotReady("model.no_network", model=model.display)
        raise ModelNotReady("model.no_words", model=model.display)
    return tuple(seen), tuple(unseen)


def weighted_sum(units: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Return the normalised sum of weighted vectors; a single one is returned as it is.

    Args:
        units: Unit vectors [D].
        weights: Their weights.

    Raises:
        InvalidRequest: They cancel each other out.
    """
    if len(units) == 1:
        return units[0]
    total = np.einsum("i,id->d", np.asarray(weights), np.asarray(units, dtype=np.float64))
    length = np.linalg.norm(total)
    if length < ALMOST_ZERO * np.abs(weights).sum():
        raise InvalidRequest("query.cancels_out")
    vector: FloatArray = (total / length).astype(np.float32)
    return vector
