"""What the library is narrowed down by: filters, counts, pages, and lists of what was skipped."""

import csv
import io
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from searcher.indexing.report import Report
from searcher.library import browsing, serializers
from searcher.library.browsing import browse, matching
from searcher.library.core import Library
from searcher.library.facets import SourceCounts, counts_within, find_facets
from searcher.library.picture_filter import BASE, PictureFilter, read_words, toggled
from searcher.library.uploads import Upload, add_uploads
from searcher.messages.message import message
from searcher.models.registry import Model
from searcher.stores.records import RecordStore
from searcher.ui.components.added import skipped_csv
from searcher.ui.components.library_list import page_numbers
from tests.pictures import folder, save
from tests.records import record
from tests.test_record_index import commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boat  red", PictureFilter(("Boat", "red"))),
        ('label:"red boat" x', PictureFilter(("x",), label="red boat")),
        (r'label:"a \"b\" \\"', PictureFilter(label='a "b" \\')),
        ('label:""', PictureFilter(label="")),
        ("source:upload lacks:vgg16", PictureFilter(source="upload", lacks="vgg16")),
        ("added:7d label:a label:b", PictureFilter(("label:b",), label="a", added="7d")),
        (
            "id:1a.z source:shop added:2026-13",
            PictureFilter(("source:shop", "added:2026-13"), (46, 35)),
        ),
        ("added:9999d lacks:", PictureFilter(("lacks:",), added="9999d")),
        ("added:0000 added:99999d", PictureFilter(("added:0000", "added:99999d"))),
    ],
)
def test_a_filter_is_words_and_conditions(text: str, expected: PictureFilter) -> None:
    assert read_words(text) == expected


def test_a_facet_is_set_replaced_and_withdrawn() -> None:
    text = toggled("boat", "label", 'the "sea"')
    assert read_words(text) == PictureFilter(("boat",), label='the "sea"')
    other = toggled(text, "label", "tree")
    assert other == "boat label:tree"
    assert toggled(other, "label", "tree") == "boat"


def test_periods_are_days_months_and_years() -> None:
    now = datetime(2026, 3, 1, 12)
    december = read_words("added:2025-12").period(now)
    assert december == (datetime(2025, 12, 1).timestamp(), datetime(2026, 1, 1).timestamp())
    assert read_words("added:2025").period(now)[1] == december[1]
    assert read_words("added:2026-02-28").period(now)[1] == datetime(2026, 3, 1).timestamp()
    assert read_words("added:1d").period(now)[0] == datetime(2026, 2, 28, 12).timestamp()


def test_pages_of_a_facet_have_all_its_pictures_once(records: RecordStore) -> None:
    now = time.time()
    records.put(
        record(i, label=("a", "ab", "")[i % 3], added=now - 86_400 * (i // 10) - 60)
        for i in range(1, 301)
    )
    stored = list(records.all())
    for words, keeps in (
        ("label:a", lambda r: r.label == "a"),
        ('label:""', lambda r: r.label == ""),
        ("added:7d", lambda r: r.added >= now - 7 * 86_400),
        ("added:7d label:ab", lambda r: r.added >= now - 7 * 86_400 and r.label == "ab"),
        ("source:unknown label:a", lambda r: r.label == "a"),
        ("source:upload", lambda r: False),
    ):
        for oldest in (False, True):
            found: list[int] = []
            page, more = 0, True
            while more:
                part, more = browse(records, words, page, oldest)
                found += [r.id for r in part]
                page += 1
            expected = [r.id for r in stored if keeps(r)]
            assert found == (expected if oldest else expected[::-1]), words
    assert matching(records, "", 0, 5, oldest=True) == [r.id for r in stored[:5]]


def test_counts_read_no_record_and_tell_how_many_pages(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(folder(tmp_path / "in", {"cats": 5, "dogs": 3}))
    upload = save(tmp_path / "sent.jpg", 70)
    sent = [
        Upload(upload, "mine.jpg", place) for place in ("trip/day 1", "trip/@eaDir", "trip/.git")
    ]
    report = add_uploads(library, sent, "other")
    assert (report.added, [left["names"] for left in report.left_out.document()]) == (
        1,
        [["@eaDir"], [".git"]],
    )
    listed = serializers.listing(library, "label:dogs", 0)
    assert listed["total"] == len(listed["pictures"]) == 3
    year = str(datetime.now().year)
    assert listed["facets"] == {
        "label": {"cats": 5, "dogs": 3, "day 1": 1},
        "source": {"folder": 8, "upload": 1},
        "added": {"1d": 9, "7d": 9, "30d": 9, year: 9},
        "lacks": {},
    }
    # What a filter would find with a value: known without other conditions, or from its pictures.
    facets = find_facets(library, 9, library.coverage(), {"folder": 8, "upload": 1})

    def within(words: str, is_listed: bool = True) -> dict[str, dict[str, int | None]]:
        listed = library.browse(words, 0)[0] if is_listed else None
        return counts_within(library, facets, words, listed)

    assert within("", is_listed=False) == facets.document()
    cats = within("label:cats")
    assert cats["label"] == facets.label
    assert (cats["source"], cats["added"]["7d"]) == ({"folder": 5}, 5)
    assert within("label:cats", is_listed=False)["source"] == {"folder": None, "upload": None}
    assert within("label:cats cats-1")["label"] == dict.fromkeys(facets.label)
    assert within("mine") == {
        "label": {"day 1": 1},
        "source": {"upload": 1},
        "added": {"1d": 1, "7d": 1, "30d": 1, year: 1},
        "lacks": {},
    }
    named = serializers.listing(library, "source:upload mine", 0)
    assert [picture["label"] for picture in named["pictures"]] == ["day 1"]
    assert (named["total"], named["more"]) == (None, False)
    ids = [r.id for r in library.records.all()]
    colour = library.registry.get("colour")
    library.vectors.delete(colour.collection, ids[:2])
    lacking = serializers.listing(library, "lacks:colour", 0, oldest=True)
    assert [picture["id"] for picture in lacking["pictures"]] == ids[:2]
    assert (lacking["total"], lacking["facets"]["lacks"]) == (2, {"colour": 2})
    facets = find_facets(library, 9, library.coverage(), {})
    assert within("cats")["lacks"] == {"colour": 2}
    assert within("dogs")["lacks"] == {}
    assert serializers.listing(library, "lacks:nobody", 0)["pictures"] == []
    counts = commands(
        library.records, lambda: serializers.listing(library, "label:cats", 0, sources={})
    )
    assert counts["hgetall"] == 5 + 1  # the records of the page, and the labels
    assert counts["sort"] == 0
    # What is asked once is not asked for each part of the library, or where ids are known.
    chosen = f"id:{np.base_repr(ids[0], BASE).lower()} added:7d"
    assert commands(library.records, lambda: library.matching(chosen, 5))["zcount"] == 0
    ready, calls = library.registry.ready, Counter[str]()

    def counted() -> list[Model]:
        calls["ready"] += 1
        return ready()

    monkeypatch.setattr(browsing, "SCAN", 2)
    monkeypatch.setattr(library.registry, "ready", counted)
    assert len(library.matching("lacks:colour", 5)) == 2
    assert calls["ready"] == 1


def test_sources_are_counted_when_pictures_were_added_only(
    library: Library, tmp_path: Path
) -> None:
    library.add(folder(tmp_path / "in", {"cats": 3}))
    sources = SourceCounts(library)
    assert sources.update(3) == {"folder": 3}
    assert commands(library.records, lambda: sources.update(3))["sort"] == 0


def test_page_numbers_are_few() -> None:
    assert page_numbers(0, 30, False) == [0]
    assert page_numbers(10, 48 * 21, True) == [0, None, 8, 9, 10, 11, 12, None, 20]
    assert page_numbers(3, None, True) == [0, 1, 2, 3, 4, None]
    assert page_numbers(0, 0, False) == [0]


def test_the_list_of_skipped_files_is_safe_in_spreadsheets() -> None:
    reason = message("file.not_regular", name="=1+1.jpg")
    text = skipped_csv(Report(skipped=[("=1+1.jpg", reason), ('a,"b.jpg', reason)]))
    (_, first, second) = csv.reader(io.StringIO(text))
    assert first[0] == "'=1+1.jpg"
    assert second[0] == 'a,"b.jpg'
