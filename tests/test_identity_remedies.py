"""With an empty Redis beside pictures, the app and the command line name the remedies."""

import shutil
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file

from searcher.config.settings import Settings
from searcher.errors import ForeignStores, StrangeStores
from searcher.library.core import Library
from searcher.library.doctor import examine
from tests.library_acts import add_painted_uploads, all_files
from tests.pictures import folder, save
from tests.servers import (
    call,
    environment,
    redis_server,
    running,
    wait_for,
)


def sentence(url: str) -> str:
    """The problems that the app shows to visitors."""
    return " ".join(Client(url, verbose=False).predict(api_name="/status")["problems"])


@pytest.mark.parametrize(
    ("loss", "remedy"), [("its file is gone", "--adopt-stores"), ("another server", "--rebuild")]
)
def test_a_start_with_an_empty_redis_deletes_nothing(
    tmp_path: Path, baselines: Path, loss: str, remedy: str
) -> None:
    shutil.copytree(baselines, tmp_path / "models")
    library = Library(Settings.from_env(environment(tmp_path)))
    add_painted_uploads(library, tmp_path, 20)
    folder(tmp_path / "in", {"a": 4})
    library.add([tmp_path / "in"])
    before = all_files(library)
    records = {record.id: record for record in library.records.all()}
    vectors = library.coverage()
    library.close()
    with redis_server(tmp_path / "redis") as url:
        variables = {"REDIS_URL": url} if loss == "another server" else {}
        wait_for(lambda: not (library.settings.stores / "addresses.json").exists(), what="the end")
        for path in (library.settings.stores / "redis").rglob("*.*"):
            if path.suffix in (".aof", ".rdb", ".manifest") and not variables:
                path.unlink()
        with running(tmp_path, **variables) as app:
            wait_for(lambda: remedy_is_named(app.url), what="the sentence")
            added = handle_file(str(save(tmp_path / "more.jpg", 990)))
            with pytest.raises(Exception, match="is empty, but the data folder has pictures"):
                Client(app.url, verbose=False).predict([added], "", api_name="/add")
            assert httpx.get(app.url).status_code == 200
        assert all_files(library) == before

        library = Library(Settings.from_env(environment(tmp_path, **variables)))
        process = call(tmp_path, "doctor", remedy, **variables)
        if remedy == "--rebuild":
            assert process.returncode == 0, process.stdout + process.stderr
        with running(tmp_path, **variables):
            wait_for(lambda: not examine(library).problems, what="a library in order")
        assert {record.id: record for record in library.records.all()} == records
        assert library.coverage() == vectors
        assert all_files(library) >= before
        library.close()


def remedy_is_named(url: str) -> bool:
    return "doctor --rebuild" in sentence(url)


def test_strange_stores_are_a_sentence_on_the_command_line(tmp_path: Path, baselines: Path) -> None:
    assert issubclass(ForeignStores, StrangeStores)
    shutil.copytree(baselines, tmp_path / "models")
    folder(tmp_path / "in", {"a": 2})
    assert call(tmp_path, "index", str(tmp_path / "in")).returncode == 0
    with redis_server(tmp_path / "redis") as url:
        process = call(tmp_path, "index", str(tmp_path / "in"), REDIS_URL=url)
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr.splitlines()[-1].startswith("Redis is empty, but the data folder has")
        process = call(tmp_path, "doctor", "--json", REDIS_URL=url)
        assert process.returncode == 1
        process = call(tmp_path, "doctor", "--rebuild", "--json", REDIS_URL=url)
        assert process.returncode == 0
        assert '"pictures": 2' in process.stdout
