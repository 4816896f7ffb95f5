"""Evaluate's ground truth and costs in the page's address: there and back, and what is wrong."""

from pathlib import Path

import pytest

from searcher.library.core import Library
from searcher.ui.components import truth_address
from searcher.ui.components.address import KEYS
from searcher.ui.requests import kept_uploads

Values = tuple[object, ...]


def parameters(**given: str) -> dict[str, str]:
    return dict.fromkeys(KEYS, "") | given


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of three uploads."""
    monkeypatch.setattr(kept_uploads, "upload_folder", lambda: tmp_path / "uploads")
    paths = []
    for letter in "abc":
        path = tmp_path / "uploads" / (letter * 64) / f"{letter}.csv"
        path.parent.mkdir(parents=True)
        path.write_text(letter)
        paths.append(str(path))
    return paths


def payloads(paths: list[str]) -> list[dict[str, str]]:
    """What the page sends of uploads."""
    return [{"path": path, "orig_name": Path(path).name} for path in paths]


def test_choices_come_back(library: Library, uploads: list[str]) -> None:
    first, *others = payloads(uploads)
    sent: list[Values] = [
        (None, "", None, "", 0, None, "", 10),
        (first, "hard", others, "", 0, None, "", 10),
        (None, "", None, "cats & <dogs>", 0.35, first, "a-1.jpg\nb & c", 25),
    ]
    for values in sent:
        state = truth_address.state_of(library, values)
        reasons: list[str] = []
        restored, again = truth_address.restore(library, parameters(**state), reasons)
        assert (again, reasons) == (state, [])
        assert not any(part in str(state) for part in ("/", ".csv"))  # no paths
        qrels, protocol, queries, label, share, labels, names, depth = values
        assert restored == [
            qrels and uploads[0],
            protocol,
            queries and uploads[1:],
            label,
            share,
            labels and uploads[0],
            names,
            depth,
        ]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("protocol", "<b>", "no protocol “<b>”"),
        ("query_share", "2", "“2” is no share"),
        ("query_share", "-0.1", "is no share"),
        ("query_share", "nan", "is no share"),
        ("query_share", "1e999", "is no share"),
        ("query_share", "x" * 9000, "is no share"),
        ("depth", "101", "from 1 to 100"),
        ("depth", "-1", "from 1 to 100"),
        ("qrels", "0" * 64, "not kept any more"),
        ("labels", "../../etc/passwd", "not kept any more"),
        ("queries", f"{'0' * 64},zz", "not kept any more"),
    ],
)
def test_what_can_not_be_followed_is_said(
    library: Library, uploads: list[str], key: str, value: str, words: str
) -> None:
    reasons: list[str] = []
    restored, state = truth_address.restore(library, parameters(**{key: value}), reasons)
    depth = 100 if value == "101" else 10
    assert restored == [None, "", None, "", 0.0, None, "", depth]
    assert state == ({} if depth == 10 else {"depth": "100"})
    assert words in " ".join(reasons)
    assert max(map(len, reasons)) < 200
