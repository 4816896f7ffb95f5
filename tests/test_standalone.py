"""A standalone Milvus and a Redis over TCP under a library, as at scale."""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from searcher.config.settings import Settings
from searcher.library.core import Library
from searcher.search.query import UploadedQuery
from tests import forks
from tests.milvus import MilvusServer
from tests.parameters import ON_EVERY_STORE, SERVER, MakeSettings
from tests.pictures import folder, save
from tests.servers import App, environment, running, wait_for


def searched(app: App, path: Path) -> int | str:
    """How many hits a search through the app has, or what a visitor is told instead."""
    client = Client(app.url, verbose=False)
    try:
        result = client.predict(handle_file(str(path)), "colour", 12, api_name="/search")
    except Exception as error:
        return str(error)
    return sum(not hit["query"] for hit in result["hits"])


@pytest.mark.parametrize("store", [SERVER], indirect=True)
def test_app_and_command_line_go_on_when_milvus_is_back(
    milvus_server: MilvusServer, store: dict[str, str], tmp_path: Path, baselines: Path
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    paths = folder(tmp_path / "samples", {"a": 20})
    new = save(tmp_path / "new" / "b.jpg", 99)
    env = environment(tmp_path, **store)
    index = [sys.executable, "-m", "searcher", "index", str(new)]
    with running(tmp_path, **store) as app:
        wait_for(lambda: searched(app, paths[0]) == 12, what="the samples")
        milvus_server.kill()
        answer = searched(app, paths[0])
        assert "Milvus does not answer. Check MILVUS_URI" in str(answer)
        process = forks.run(index, env=env)
        assert process.returncode == 2
        sentence = (
            "Milvus does not answer. Check MILVUS_URI, MILVUS_TOKEN and that the server runs."
        )
        assert process.stderr.splitlines()[-1] == sentence
        assert "Traceback" not in process.stderr

        milvus_server.start()
        wait_for(lambda: searched(app, paths[0]) == 12, 120, "the app to go on")
        assert forks.run(index, env=env).returncode == 0
        wait_for(lambda: searched(app, new) == 12, what="the search")
        assert app.process.poll() is None
    library = Library(Settings.from_env(env))
    assert library.coverage() == {"colour": 21, "shape": 21}
    (copy,) = library.search(UploadedQuery("b", new.read_bytes()), "colour", 1).own_copies
    assert copy.record.path == str(new)
    library.close()


@ON_EVERY_STORE
def test_four_processes_with_a_shard_each_make_what_one_makes(
    make_settings: MakeSettings, store: dict[str, str], tmp_path: Path, baselines: Path
) -> None:
    folder(tmp_path / "in", {"a": 30, "b": 30})
    alone = Library(Settings.from_env(environment(tmp_path / "alone", MODELS_DIR=str(baselines))))
    alone.add([tmp_path / "in"])

    settings = make_settings()
    variables = {"TWINLENS_DATA": str(settings.data), "MODELS_DIR": str(settings.models_dir)}
    variables["INSTALL_MODELS"] = ""
    command = [sys.executable, "-m", "searcher", "index", str(tmp_path / "in"), "--json"]
    shards = [[*command, "--shard", f"{number}/4"] for number in (1, 2, 3, 4)]
    run = partial(forks.run, env={**os.environ, **store, **variables})
    added = []
    with ThreadPoolExecutor(len(shards)) as pool:
        for process in pool.map(run, shards):
            assert process.returncode == 0, process.stderr
            added.append(json.loads(process.stdout)["added"])
    assert sum(added) == 60
    assert all(added)

    together = Library(settings)
    ids = sorted(alone.records.ids())
    assert sorted(together.records.ids()) == ids
    for one, other in zip(alone.records.get(ids), together.records.get(ids), strict=True):
        assert one is not None
        assert other is not None
        assert one.to_hash() | {"added": 0} == other.to_hash() | {"added": 0}
    for model in alone.registry.ready():
        assert sorted(together.vectors.ids(model.collection)) == ids
        vectors = together.vectors.fetch(model.collection, ids)
        assert vectors == pytest.approx(alone.vectors.fetch(model.collection, ids), abs=1e-6)
        assert together.thumbnail_path(ids[0]).exists()
    alone.close()
    together.close()


@ON_EVERY_STORE
def test_what_was_just_added_is_found(library: Library, tmp_path: Path) -> None:
    """Each in turn, with no wait between adding and searching."""
    for number in range(5):
        path = save(tmp_path / "in" / f"{number}.jpg", number)
        library.add([path])
        best = library.search(UploadedQuery("x", path.read_bytes()), "colour", 1).own_copies[0]
        assert best.record.path == str(path)
