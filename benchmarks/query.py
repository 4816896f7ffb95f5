"""One query end to end, compared with the bare onnxruntime call: `python -m benchmarks.query`.

By a call of the library, over HTTP with gradio_client, and with a picture of the library by its
stored vector; with 1,000 pictures, or 10,000 for quick networks. "The rest" is all that the page
adds to the bare network: the search with its percentiles, the small picture of the query bar, and
an entry of the recent queries. All alternatives take turns.
"""

import statistics
import tempfile

import numpy as np
from gradio_client import Client, handle_file

from benchmarks.common import (
    app_running,
    connect,
    milliseconds,
    network,
    pictures,
    table,
    temporary_library,
)
from searcher.images.pictures import model_input, open_picture
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from searcher.stores.records import Record

# Networks, and the numbers of pictures.
SIZES = {"resnet50": 1000, "vgg16": 1000, "efficientnet_lite0": 10_000, "mobilenet_v2": 10_000}
ROUNDS = 25
CHECK_S = 60.0  # that the model files' checks may take
PAGE = 1000  # vectors written at once


def fill(library: Library, name: str, count: int) -> None:
    """Give a model `count` random vectors, with records."""
    model = library.registry.get(name)
    generator = np.random.default_rng(0)
    for first in range(1, count + 1, PAGE):
        ids = range(first, min(first + PAGE, count + 1))
        vectors = np.abs(generator.standard_normal((len(ids), model.dim))).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        library.records.put(
            Record(i, f"/none/{i}.jpg", f"{i}.jpg", "none", 1, 1, 1, "", float(i)) for i in ids
        )
        library.vectors.upsert(model.collection, ids, vectors)
    library.vectors.flush(model.collection)


def main() -> None:
    """Print the table."""
    picture = pictures()[0]
    data = picture.read()
    models = [network(name) for name in SIZES]
    cache = str(len(SIZES))
    # Without the app, whose worker would be busy with what has just been written.
    with temporary_library(models, INSTALL_MODELS="", MODEL_CACHE=cache) as library:
        library.registry.checks.patience = CHECK_S
        rows = [measure(library, name, picture.name, data) for name in SIZES]
    with app_running(models, MODEL_CACHE=cache) as app:
        library = Library(app.settings)
        for name, count in SIZES.items():
            fill(library, name, count)
        library.close()
        client = connect(app)
        for row, name in zip(rows, SIZES, strict=True):
            row.append(over_http(client, name, data))
    header = ["network", "bare ms", "library ms", "of bare", "the rest ms"]
    stages = (f"{stage} ms" for stage in ("stored", "decode", "embed", "milvus", "redis", "HTTP"))
    table([*header, *stages], rows)


def measure(library: Library, name: str, file_name: str, data: bytes) -> list[object]:
    """Return a row of the table: medians over rounds in which the alternatives take turns."""
    fill(library, name, SIZES[name])
    embedder = library.registry.load(name)[1]
    image = model_input(open_picture(data), *embedder.form)[None]
    stored_query = library.stored_query(1, "one of the library")

    def page() -> None:
        query = UploadedQuery(file_name, data)
        (ranking,) = library.rank(query, [name], 12, "", lambda: draw(query))
        percentiles = library.percentiles(name, ranking.signature)
        for hit in ranking.hits:
            percentiles.percentile(hit.distance)

    def draw(query: UploadedQuery) -> None:
        _ = query.picture.preview_jpeg, query.picture.icon_jpeg, query.fingerprint

    calls = [
        lambda: embedder.embed(image),
        lambda: library.search(UploadedQuery(file_name, data), name, 12),
        page,
        lambda: library.search(stored_query, name, 12),
    ]
    for call in calls:
        call()
    times = [[milliseconds(call, 1)[0] for call in calls] for _ in range(ROUNDS)]
    bare, ours, page_ms, stored = map(statistics.median, zip(*times, strict=True))
    searches = [
        library.search(UploadedQuery(file_name, data), name, 12).timings_ms for _ in range(ROUNDS)
    ]
    medians = [
        statistics.median(s[k] for s in searches) for k in ("decode", "embed", "milvus", "redis")
    ]
    return [name, bare, ours, ours / bare, page_ms - bare, stored, *medians]


def over_http(client: Client, name: str, data: bytes) -> float:
    """Return the median milliseconds of a search by gradio_client."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as upload:
        upload.write(data)
        upload.flush()

        def call() -> None:
            client.predict(handle_file(upload.name), name, 12, api_name="/search")

        call()
        return statistics.median(milliseconds(call, ROUNDS))


if __name__ == "__main__":
    main()
