"""Names of uploads and examples in the page's address."""

import json
import re
from pathlib import Path

import pytest

from searcher.errors import InvalidRequest, NotFound
from searcher.ui.gradio_internals import cached_path
from searcher.ui.requests.kept_uploads import KeptUploads
from searcher.ui.requests.page_query import PageQuery
from tests.pictures import save

DIGEST = "ab" * 32


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptUploads:
    """Those of an upload folder with one upload, and of one example."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "incoming"))
    save(tmp_path / "incoming" / DIGEST / "mine.jpg", 1)
    example = save(tmp_path / "samples" / "queries" / "a_07.jpg", 2)
    cached_path(example).parent.mkdir()
    cached_path(example).write_bytes(example.read_bytes())
    return KeptUploads(tmp_path / "samples")


def payload(path: Path) -> dict[str, str]:
    return {"path": str(path), "orig_name": path.name}


def test_an_upload_is_found_by_a_name_that_is_not_its_path(
    kept: KeptUploads, tmp_path: Path
) -> None:
    path = tmp_path / "incoming" / DIGEST / "mine.jpg"
    query = PageQuery().with_image(payload(path))
    address = query.address(kept)
    assert re.fullmatch(r"[0-9a-f]{64}", address["upload"])
    assert DIGEST not in address["upload"]
    assert PageQuery.of_address(address, kept) == query

    parts = query.with_region((0, 0, 0.5, 0.5)).with_words("red").address(kept)
    assert json.loads(parts["parts"])[0]["upload"] == address["upload"]
    path.unlink()
    with pytest.raises(NotFound, match="drop it again"):
        PageQuery.of_address(address, kept)
    missing: list[NotFound] = []
    assert PageQuery.of_address(parts, kept, missing) == PageQuery().with_words("red")
    assert len(missing) == 1


def test_an_example_is_found_by_its_name(kept: KeptUploads, tmp_path: Path) -> None:
    example = cached_path(tmp_path / "samples" / "queries" / "a_07.jpg")
    query = PageQuery().with_image(payload(example))
    assert query.address(kept) == {"example": "a_07"}
    assert PageQuery.of_address({"example": "a_07"}, kept) == query
    for name in ("a_08", "../a_07", "/etc/passwd"):
        with pytest.raises(NotFound):
            PageQuery.of_address({"example": name}, kept)


@pytest.mark.parametrize(
    "name", [DIGEST, DIGEST.upper(), "..", "0" * 64, "x", "0" * 10_000, [DIGEST]]
)
def test_other_names_find_nothing(kept: KeptUploads, name: object) -> None:
    with pytest.raises((NotFound, InvalidRequest)):
        kept.find({"upload": name})
