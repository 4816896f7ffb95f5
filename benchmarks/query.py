"""One query end to end, compared with the bare onnxruntime call: `python -m benchmarks.query`.

With 1,000 pictures in the library: by a call of the library, over HTTP with gradio_client, and with
a picture of the library by its stored vector. All alternatives take turns.
"""

import statistics
import tempfile

import numpy as np
from gradio_client import Client, handle_file

from benchmarks.common import app_running, connect, milliseconds, network, pictures, table
from searcher.images.pictures import model_input, open_picture
from searcher.library.core import Library
from searcher.models.embedder import Embedder
from searcher.search.query import UploadedQuery
from searcher.stores.records import Record

NAMES = ("resnet50", "vgg16")
PICTURES = 1000
ROUNDS = 15


def fill(library: Library, name: str) -> None:
    """Give a model PICTURES random vectors, with records."""
    model = library.registry.get(name)
    generator = np.random.default_rng(0)
    vectors = np.abs(generator.standard_normal((PICTURES, model.dim))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = list(range(1, PICTURES + 1))
    library.vectors.upsert(model.collection, ids, vectors)
    library.vectors.flush(model.collection)
    library.records.put(
        Record(i, f"/none/{i}.jpg", f"{i}.jpg", "none", 1, 1, 1, "", float(i)) for i in ids
    )


def main() -> None:
    """Print the table."""
    picture = pictures()[0]
    data = picture.read()
    with app_running([network(name) for name in NAMES]) as app:
        library = Library(app.settings)
        for name in NAMES:
            fill(library, name)
        client = connect(app)
        rows = [measure(library, client, name, picture.name, data) for name in NAMES]
        library.close()
    header = ["network", "bare ms", "library ms", "of bare", "HTTP ms", "HTTP of bare", "stored ms"]
    table([*header, *(f"{stage} ms" for stage in ("decode", "embed", "milvus", "redis"))], rows)


def measure(
    library: Library, client: Client, name: str, file_name: str, data: bytes
) -> list[object]:
    """Return a row of the table: medians over rounds in which the alternatives take turns."""
    embedder = Embedder(network(name))
    image = model_input(open_picture(data), embedder.height, embedder.width)[None]
    query = UploadedQuery(file_name, data)
    stored_query = library.stored_query(1, "one of the library")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as upload:
        upload.write(data)
        upload.flush()
        calls = [
            lambda: embedder.embed(image),
            lambda: library.search(query, name, 12),
            lambda: client.predict(handle_file(upload.name), name, 12, api_name="/search"),
            lambda: library.search(stored_query, name, 12),
        ]
        for call in calls:
            call()
        times = [[milliseconds(call, 1)[0] for call in calls] for _ in range(ROUNDS)]
    bare, ours, http, stored = (statistics.median(column) for column in zip(*times, strict=True))
    stages = [library.search(query, name, 12).timings_ms for _ in range(ROUNDS)]
    medians = [
        statistics.median(s[k] for s in stages) for k in ("decode", "embed", "milvus", "redis")
    ]
    return [name, bare, ours, ours / bare, http, http / bare, stored, *medians]


if __name__ == "__main__":
    main()
