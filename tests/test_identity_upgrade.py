"""Libraries of earlier versions, without marks in their stores, are taken over."""

import shutil
from pathlib import Path

import pytest

from searcher.errors import ForeignStores
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.upkeep import put_in_order
from tests.earlier import make_earlier, stored_paths
from tests.library_acts import add_painted_uploads
from tests.parameters import MakeSettings
from tests.pictures import folder
from tests.servers import (
    wait_for,
)


def test_a_library_of_an_earlier_version_is_taken_over(library: Library, tmp_path: Path) -> None:
    add_painted_uploads(library, tmp_path, 2)
    library.add(folder(tmp_path / "in", {"a": 2}))
    before = sorted(library.records.all(), key=lambda record: record.id)
    make_earlier(library)
    assert any(path.startswith(str(library.settings.uploads)) for path in stored_paths(library))

    library.has_leftovers = True
    put_in_order(library)
    assert sorted(library.records.all(), key=lambda record: record.id) == before
    own_paths = {f"uploads/{r.id % 256:02x}/{r.id}.jpg" for r in before if r.label == "mine"}
    assert stored_paths(library) == own_paths | {str(p) for p in (tmp_path / "in").rglob("*.jpg")}
    assert [library.sidecars.read(record.id) for record in before] == before
    assert examine(library).problems == []
    assert library.identity.format == 2


def test_a_library_of_an_earlier_version_does_not_take_anothers_milvus(
    make_settings: MakeSettings, tmp_path: Path
) -> None:
    """It has no id yet that the other's could be compared with."""
    libraries = [Library(make_settings(TWINLENS_DATA=str(tmp_path / name))) for name in "ab"]
    for number, library in enumerate(libraries):
        library.add(folder(tmp_path / f"in{number}", {"a": 2}, 30 * number))
    make_earlier(libraries[0])
    stores = [library.settings.stores for library in libraries]
    for library, path in zip(libraries, stores, strict=True):
        library.close()
        wait_for((lambda file: lambda: not file.exists())(path / "addresses.json"), what="the end")
    shutil.rmtree(stores[0] / "milvus")
    shutil.copytree(stores[1] / "milvus", stores[0] / "milvus")
    library = Library(libraries[0].settings)
    with pytest.raises(ForeignStores, match="Milvus belongs to another library"):
        put_in_order(library)
    library.identity.adopt()
    assert examine(library, repair=True).problems == []
    assert examine(library).models["colour"] == {"vectors": 2, "missing": 0, "orphans": 0}
    library.close()


def test_an_upgrade_that_was_cut_off_goes_on(library: Library, tmp_path: Path) -> None:
    library.add(folder(tmp_path / "in", {"a": 4}))
    make_earlier(library)
    library.identity.require()  # … and then the process is killed
    ids = list(library.records.ids())
    library.records.put([record for record in library.records.get(ids[:2]) if record])
    assert library.identity.format < 2
    library.has_leftovers = True
    put_in_order(library)
    assert all(library.sidecars.read(picture_id) for picture_id in ids)
    assert examine(library).problems == []
