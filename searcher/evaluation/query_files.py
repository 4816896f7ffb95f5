"""Queries that are not in the library: the pictures of a folder, embedded and not added."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from searcher.datasets.picture_names import PictureNames
from searcher.errors import BadImage, NotEnoughLabels
from searcher.images.pictures import identify, open_picture
from searcher.images.sources import Source
from searcher.indexing.prepare import Raw, describe
from searcher.library.core import Library
from searcher.messages.message import message
from searcher.messages.problems import Problems
from searcher.models.registry import Model
from searcher.stores.records import Record
from searcher.types import FloatArray


@dataclass(frozen=True)
class QueryFiles:
    """Some files of pictures, without those that can't be read.

    Attributes:
        records: The records that they would have in the library [Q].
        names: How files may call them [Q].
        vectors: Their unit vectors by model, float32 [Q, D].
    """

    records: list[Record]
    names: list[PictureNames]
    vectors: dict[str, FloatArray]


def embed_files(
    library: Library,
    models: Sequence[Model],
    sources: Iterable[Source],
    problems: Problems,
    advance: Callable[[], None] = lambda: None,
) -> QueryFiles:
    """Embed pictures with each model; each is decoded once.

    Args:
        library: The library.
        models: The models.
        sources: The files.
        problems: Gets those that can't be read.
        advance: Called after each file; it may raise to stop.

    Raises:
        NotEnoughLabels: None of them can be read.
        ModelNotReady: A model was removed a moment ago.
    """
    embedders = [library.registry.load(model.name)[1] for model in models]
    records: dict[int, Record] = {}
    paths: dict[int, list[str]] = {}  # several where files are equal
    vectors: list[list[FloatArray]] = [[] for _ in models]
    for source in sources:
        try:
            data = source.read()
            raw = Raw(source, *identify(data))
            if raw.id not in records:
                picture = open_picture(data, source.name)
                embedded = [embedder.embed_picture(picture) for embedder in embedders]
                records[raw.id] = describe(raw, data, picture)
                for column, vector in zip(vectors, embedded, strict=True):
                    column.append(vector)
            names = source.path, f"{source.label}/{source.name}"
            paths.setdefault(raw.id, []).extend(names)
        except BadImage as error:
            problems.add(message("truth.unreadable", n=1, name=source.name, reason=error.message))
        advance()
    if not records:
        raise NotEnoughLabels("truth.no_query_files")
    return QueryFiles(
        list(records.values()),
        [PictureNames(picture_id, tuple(some)) for picture_id, some in paths.items()],
        {model.name: np.stack(column) for model, column in zip(models, vectors, strict=True)},
    )
