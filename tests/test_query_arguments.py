"""The command line's arguments of a query, as parts."""

from pathlib import Path
from typing import Any

import pytest

from searcher.cli.query_arguments import QueryArguments
from searcher.cli.spread import QueryCommand, spread
from searcher.errors import InvalidRequest

FILE, OTHER = {"image": "a.jpg", "box": None}, {"image": "b.jpg", "box": None}


def weights(**arguments: Any) -> list[float]:
    return [part["weight"] for part in QueryArguments(**arguments).documents()]


def test_parts_come_in_the_order_of_the_weights() -> None:
    arguments = QueryArguments(["a.jpg", "id:7"], ["two dogs"], ["b.jpg"], ["snow"])
    assert arguments.documents() == [
        {"text": "two dogs", "weight": 1},
        FILE | {"weight": 1},
        {"picture": "7", "box": None, "weight": 1},
        OTHER | {"weight": -1},
        {"text": "snow", "weight": -1},
    ]


def test_weights_are_one_for_each_part_or_one_for_those_against() -> None:
    assert weights(texts=["x"], images=["a"], minus=["b"], weights=[2, 0.5, 3]) == [2, 0.5, -3]
    both: dict[str, Any] = {"texts": ["x"], "minus": ["a"], "minus_texts": ["y"]}
    assert weights(**both, weights=[0.25]) == [1, -0.25, -0.25]
    assert weights(texts=["x"], weights=[2]) == [2]
    wrong: list[list[float]] = [[1, 2], [1] * 4, [0], [-1], [10.5], [float("nan")], [float("inf")]]
    for given in wrong:
        with pytest.raises(InvalidRequest, match=r"as there are parts \(3\)"):
            weights(**both, weights=given)
    with pytest.raises(InvalidRequest, match=r"as there are parts \(2\)"):
        weights(texts=["x", "y"], weights=[0.5])  # none counts against


def test_a_region_follows_the_name_unless_a_file_has_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg#0,0,1,1", "id:8"):
        Path(name).touch()
    names = ["a.jpg#0,.5,1,1e0", "a#b.jpg#0,0,.5,1", "a.jpg#0,0,1,1", "a.jpg#0,0,1", "x#"]
    parts = QueryArguments([*names, "id:7#0,0,1,.5", "id:8"]).documents()
    assert [(part.get("image", part.get("picture")), part.get("box")) for part in parts] == [
        ("a.jpg", [0, 0.5, 1, 1]),
        ("a#b.jpg", [0, 0, 0.5, 1]),
        ("a.jpg#0,0,1,1", None),
        ("a.jpg#0,0,1", None),
        ("x#", None),
        ("7", [0, 0, 1, 0.5]),
        ("id:8", None),
    ]


def test_pictures_may_follow_words() -> None:
    line = ["--text", "two dogs", "a.jpg", "--minus", "b.jpg", "c.jpg", "--weight", ".5", "-1"]
    lists = {"--text", "--minus", "--minus-text", "--weight"} - QueryCommand.single
    assert list(spread(line, lists, frozenset())) == [
        *("--text", "two dogs", "a.jpg"),
        *("--minus=b.jpg", "--minus=c.jpg", "--weight=.5", "--weight=-1"),
    ]
