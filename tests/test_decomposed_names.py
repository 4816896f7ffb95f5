"""Names that macOS has decomposed: one with those that are composed, in every list and command."""

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from searcher.images.present_paths import present_path
from searcher.images.sources import find_sources
from searcher.library.core import Library
from searcher.library.labelling import set_labels
from searcher.library.relabelling import set_label
from searcher.library.removal import find
from searcher.search.filters import parse_filter
from searcher.search.query import UploadedQuery
from tests.archive_files import write_zip
from tests.pictures import encode, paint, save

NAME, LABEL = "größe é.jpg", "Übung"
Form = Literal["NFC", "NFD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD")


@pytest.mark.parametrize("form", FORMS)
def test_a_path_is_found_in_either_form(form: Form, tmp_path: Path) -> None:
    def written(text: str, form: Form) -> str:
        return unicodedata.normalize(form, text)

    path = save(tmp_path / written(LABEL, form) / "x" / written(NAME, form), 1)
    for other in FORMS:
        typed = tmp_path / written(LABEL, other) / "x" / written(NAME, other)
        assert present_path(str(typed)) == str(path)
        for root in (typed, typed.parent, typed.parent.parent):
            (source,) = find_sources([root])
            assert source.path == str(path)
            assert source.name == NAME
    missing = str(tmp_path / LABEL / "gone" / NAME)
    assert present_path(missing) == missing


def test_names_and_labels_are_composed_everywhere(library: Library, tmp_path: Path) -> None:
    decomposed = {text: unicodedata.normalize("NFD", text) for text in (NAME, LABEL)}
    on_disk = save(tmp_path / decomposed[LABEL] / decomposed[NAME], 1)
    library.add([on_disk.parent])
    library.add([write_zip(tmp_path / "a.zip", {f"{LABEL}/b.jpg": encode(paint(2))})])
    first, second = library.records.all()
    # As an earlier version wrote it.
    library.records.put([replace(first, name=decomposed[NAME], label=decomposed[LABEL])])
    set_labels(library, {second.id: LABEL})
    assert {(r.name, r.label) for r in library.records.all()} == {(NAME, LABEL), ("b.jpg", LABEL)}
    assert library.records.index.labels() == {LABEL: 2}
    query = UploadedQuery("x", encode(paint(3)))
    for form in FORMS:
        name, label = (unicodedata.normalize(form, text) for text in (NAME, LABEL))
        assert len(library.browse(f"{label} größe", 0)[0]) == 1
        assert len(library.browse(label.upper(), 0)[0]) == 2
        assert set(find(library, labels=[label])) == {first.id, second.id}
        assert find(library, paths=[tmp_path / label]) == [first.id]
        assert find(library, paths=[tmp_path / "a.zip" / label]) == [second.id]
        for where, count in (
            (f'label == "{label}"', 2),
            (f'name in ["{name}"]', 1),
            (f'name like "{name[:-4]}%"', 1),
            (f'name != "{name}"', 1),
        ):
            assert len(library.search(query, "colour", 9, parse_filter(where)).hits) == count
    assert set_label(library, [second.id], decomposed[LABEL]).count == 0


def test_indexing_an_archive_again_gives_members_their_right_names(
    library: Library, tmp_path: Path
) -> None:
    raw = "猫/照片.jpg".encode("gbk")
    path = write_zip(tmp_path / "a.zip", [(raw, encode(paint(1)))])
    library.add([path])
    (record,) = library.records.all()
    former = raw.decode("cp437")  # as zipfile has it, and so earlier versions
    folder, name = former.split("/")
    earlier = replace(record, path=str(path / former), name=name, label=folder)
    library.records.put([earlier])
    assert library.add([path]).added == 0
    (record,) = library.records.all()
    assert (record.name, record.label, record.path) == ("照片.jpg", "猫", str(path / "猫/照片.jpg"))
