"""The index of names and labels: what it finds and what that costs."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from searcher.library import serializers
from searcher.library.browsing import PAGE, browse
from searcher.library.core import Library
from searcher.library.doctor import examine
from searcher.library.removal import find
from searcher.library.trash import remove, undo
from searcher.library.upkeep import put_in_order
from searcher.stores import state
from searcher.stores.record_index import LABELS, NAMES
from searcher.stores.records import RecordStore
from tests.pictures import folder
from tests.records import record

WORDS = [
    "Straße",
    "CAT",
    "ca",
    "t.j",
    "émile",
    "İzmir",
    "a",
    "b-1",
    "日本",
    "label",
    "x\0y",
    ".jpg",
]


def commands(records: RecordStore, action: Callable[[], object]) -> Counter[str]:
    """The commands that Redis ran during `action`, those of scripts included."""

    def calls() -> Counter[str]:
        stats = records.connection.call(lambda client: client.info("commandstats"))
        return Counter(
            {key.removeprefix("cmdstat_"): entry["calls"] for key, entry in stats.items()}
        )

    before = calls()
    action()
    return calls() - before


def matching(records: RecordStore, words: str) -> list[int]:
    """The ids that match a filter, by reading every record: the latest first."""
    texts = {r: f"{r.name} {r.label}".casefold() for r in records.all()}
    terms = words.casefold().split()
    return [r.id for r, text in reversed(texts.items()) if all(word in text for word in terms)]


def filtered(records: RecordStore, words: str) -> list[int]:
    """All pages of a filter, one after the other."""
    ids: list[int] = []
    page, more = 0, True
    while more:
        part, more = browse(records, words, page)
        assert len(part) == PAGE or not more
        ids += [r.id for r in part]
        page += 1
    return ids


def counted(records: RecordStore) -> dict[str, int]:
    return dict(Counter(r.label for r in records.all()))


def test_a_filter_reads_the_records_of_its_page_only(records: RecordStore) -> None:
    records.put(record(i, label="even" if i % 2 == 0 else "odd") for i in range(1, 401))
    for words, page in (("even", 0), ("even", 2), ("37.jpg", 0), ("nothing", 0)):
        command_counts = commands(records, lambda w=words, p=page: browse(records, w, p))  # type: ignore[misc]
        assert command_counts["hgetall"] <= PAGE, words
        assert command_counts["eval"] == (1 if words == "nothing" else 2), words  # with records


def test_counting_labels_reads_no_record(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"cats": 30, "dogs": 20})
    library.add([tmp_path / "in"])
    command_counts = commands(library.records, lambda: serializers.labels(library))
    assert command_counts["hgetall"] == 1
    assert list(serializers.labels(library).items()) == [("cats", 30), ("dogs", 20)]


def test_a_filter_means_what_it_meant(records: RecordStore) -> None:
    generator = random.Random(1)

    def random_text() -> str:
        return "".join(generator.choices([*WORDS, " ", "_"], k=4))

    records.put(record(i, name=random_text(), label=random_text()) for i in range(1, 301))
    for words in [*WORDS, "STRASSE", "cat LABEL", "cat a 日", "a\x1fb", "  ", "t a", "%w", ".*"]:
        assert filtered(records, words) == matching(records, words), words


def test_pictures_of_labels_and_samples_are_found_without_all_records(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searcher.stores.record_index.SCAN", 7)
    labels = ["even", "odd", "", "perro\u0301", "x\0y"]
    library.records.put(record(i, label=labels[i % 5]) for i in range(1, 41))
    found: dict[str, list[int]] = {}
    command_counts = commands(
        library.records, lambda: found.update({"dogs": find(library, labels=["perr\u00f3", "odd"])})
    )
    assert sorted(found["dogs"]) == [i for i in range(1, 41) if i % 5 in (1, 3)]
    assert command_counts["hgetall"] == 0
    assert find(library, labels=["ev", "even "]) == []
    command_counts = commands(library.records, lambda: library.some_pictures(3))
    assert command_counts["zrange"] == 3, "the positions that were drawn"
    library.records.connection.call(lambda client: client.delete(NAMES))  # an earlier version's
    assert len(find(library, labels=["even"])) == 8


def test_labels_are_counted_as_records_change(records: RecordStore) -> None:
    records.put(record(i, label="ab"[i % 2]) for i in range(1, 11))
    records.put([record(1, label="c"), record(1, label="d"), record(2)])
    assert not records.add(record(3, label="e"))
    assert records.add(record(11, label="e"))
    records.remove([4, 5, 99])
    records.put([record(5, label="a")])
    assert records.index.labels() == counted(records)
    assert records.check_index(repair=False) == 0
    records.remove(list(records.ids()))
    assert records.index.labels() == {}


def test_what_an_earlier_version_wrote_is_indexed_by_upkeep_alone(
    library: Library, tmp_path: Path
) -> None:
    folder(tmp_path / "in", {"cats": 5})
    library.add([tmp_path / "in"])
    library.records.put(record(i, label="others") for i in range(1, 1501))
    library.records.connection.call(lambda client: client.delete(NAMES, LABELS))
    command_counts = commands(
        library.records, lambda: (library.browse("cats", 0), serializers.labels(library))
    )
    assert command_counts["hgetall"] == 1
    assert not library.records.index.is_complete()
    put_in_order(library)
    assert library.records.index.is_complete()
    assert len(library.browse("cats", 0)[0]) == 5
    assert serializers.labels(library) == counted(library.records)
    command_counts = commands(library.records, lambda: put_in_order(library))
    assert command_counts["zrange"] == 0


def test_a_record_that_is_incomplete_is_indexed_once(records: RecordStore) -> None:
    records.put([record(1), record(2)])
    records.connection.call(
        lambda c: (c.hdel("twinlens:image:1", "width"), c.delete(NAMES, LABELS))
    )
    assert records.check_index(repair=True) > 0
    assert records.index.is_complete()
    assert filtered(records, "jpg") == [2]
    assert records.index.labels() == {"numbers": 1}
    records.put([record(1)])
    assert records.index.labels() == {"numbers": 2}


@pytest.mark.parametrize("damage", ["entry", "surplus", "count", "stale"])
def test_doctor_finds_and_mends_what_disagrees(
    library: Library, tmp_path: Path, damage: str
) -> None:
    folder(tmp_path / "in", {"cats": 3})
    library.add([tmp_path / "in"])
    first = next(library.records.ids())

    def spoil(client: object) -> None:
        actions: dict[str, Callable[..., object]] = {
            "entry": lambda c: c.hdel(NAMES, first),
            "surplus": lambda c: c.hset(NAMES, 4711, "gone\0gone"),
            "count": lambda c: c.hset(LABELS, "cats", 2),
            "stale": lambda c: c.hset(f"twinlens:image:{first}", "name", "other.jpg"),
        }
        actions[damage](client)

    library.records.connection.call(spoil)
    assert any("index of names and labels" in str(problem) for problem in examine(library).problems)
    assert any("index of names and labels" in str(line) for line in examine(library, True).repaired)
    assert examine(library).problems == []
    assert serializers.labels(library) == counted(library.records)


def test_the_trash_takes_names_and_labels_along(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"cats": 3, "dogs": 2})
    library.add([tmp_path / "in"])
    removal = remove(library, [r.id for r in library.records.all() if r.label == "cats"])
    assert serializers.labels(library) == {"dogs": 2}
    assert library.browse("cats", 0) == ([], False)
    undo(library, removal.batch)
    assert serializers.labels(library) == {"cats": 3, "dogs": 2}
    assert library.records.check_index(repair=False) == 0


def test_a_backup_leaves_the_index_out(records: RecordStore) -> None:
    records.put([record(1)])
    assert not {NAMES, LABELS} & state.dump(records.connection).keys()
