"""The views behind an evaluation's numbers, rendered without a browser."""

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from searcher.datasets.qrels import read_qrels
from searcher.evaluation.measurements import Measurement, Measurements
from searcher.evaluation.plan import Plan
from searcher.images.sources import find_sources
from searcher.library.core import Library
from searcher.library.relabelling import set_label
from searcher.ui.components.evaluation_result import result_html
from searcher.ui.components.evaluation_state import VIEWS, read_state
from searcher.ui.components.evaluation_views import PAGE, Viewer
from tests.pictures import folder, save

BASE = {"tab": "evaluate", "measured": "1"}


@pytest.fixture
def measurement(library: Library, tmp_path: Path) -> Measurement:
    """Of two labels, and a copy of one of the first under the second."""
    paths = folder(tmp_path / "in", {"a": 9, "b": 9})
    copy = tmp_path / "in" / "b" / "copy.jpg"
    copy.write_bytes(paths[0].read_bytes() + b"\0")  # another file of the same pixels
    library.add([tmp_path / "in"])
    return Measurements(library).take()


def shown(library: Library, measurement: Measurement, **parameters: str) -> str:
    state = read_state(parameters, measurement, [])
    return Viewer(library, measurement).html(state, BASE)


def link_of(html: str) -> dict[str, str]:
    """The state that the page's address gets."""
    (link,) = re.findall(r'data-link="([^"]*)"', html)
    return {name: values[0] for name, values in parse_qs(link.replace("&amp;", "&")).items()}


def ids(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'data-id="(\d+)"', html)]


def test_every_view_comes_back_by_its_own_address(
    library: Library, measurement: Measurement
) -> None:
    for view in VIEWS:
        html = shown(library, measurement, look=view)
        link = link_of(html)
        assert link["look"] == view
        assert link_of(shown(library, measurement, **link)) == link
    assert "data-id" not in shown(library, measurement)


def test_more_shows_more_of_the_same(library: Library, measurement: Measurement) -> None:
    first = shown(library, measurement, look="hardest", model="shape", measure="map")
    more = shown(
        library, measurement, look="hardest", model="shape", measure="map", page_number="2"
    )
    assert len(ids(first)) == PAGE
    assert ids(more)[:PAGE] == ids(first)
    assert len(ids(more)) == 19
    assert "page_number=2" in first
    assert "page_number=3" not in more
    only = shown(library, measurement, look="hardest", model="shape", label="b")
    assert len(ids(only)) == 10


def test_a_cell_of_the_matrix_opens_its_pictures(
    library: Library, measurement: Measurement
) -> None:
    html = shown(library, measurement, look="confusion", model="shape", k="10")
    cells = re.findall(r'data-to="([^"]*other=[^"]*)"[^>]*>(\d+)</button>', html)
    assert cells
    for address, count in cells:
        state = {name: v[0] for name, v in parse_qs(address.replace("&amp;", "&")).items()}
        opened = ids(shown(library, measurement, **state))
        assert 0 < len(opened) <= min(int(count), PAGE)


def test_dots_of_the_curves_open_queries(library: Library, measurement: Measurement) -> None:
    html = result_html(measurement, BASE)
    dots = re.findall(r'<em[^>]*data-to="([^"]*)" title="([^"]*)"', html)
    assert len(dots) == 3 * (3 + 1)  # the most possible and two models; p@1, 5 and 10, recall@10
    for address, title in dots:
        state = {name: v[0] for name, v in parse_qs(address.replace("&amp;", "&")).items()}
        assert state["measure"] in title
        assert link_of(shown(library, measurement, **state)) == BASE | state


def test_what_an_address_can_not_have_is_said(library: Library, measurement: Measurement) -> None:
    reasons: list[str] = []
    wrong = {"look": "hardest", "model": "<b>", "measure": "p@11", "page_number": "-1"}
    state = read_state(wrong, measurement, reasons)
    assert len(reasons) == 3
    assert (state.measure, state.pages) == ("p@10", 1)
    assert read_state({"look": "nothing"}, measurement, reasons).look == ""
    pair = read_state({"look": "disagreements", "models": "shape,shape"}, measurement, reasons)
    assert set(pair.pair) == {"shape", "colour"}


def test_labels_are_corrected_and_the_correction_undone(
    library: Library, measurement: Measurement
) -> None:
    html = shown(library, measurement, look="copies")
    assert measurement.evaluation
    (copies,) = measurement.evaluation.near_copies
    assert set(ids(html)) == set(copies.ids)
    assert html.count('data-action="relabel"') == 2
    wrong, label = copies.ids[0], copies.labels[1]
    set_label(library, [wrong], label)
    corrected = shown(library, measurement, look="copies")
    assert "Undo" in corrected
    assert f'data-label="{copies.labels[0]}">Undo' in corrected
    library.settings.__dict__["read_only"] = True
    assert "relabel" not in shown(library, measurement, look="copies")


def test_without_labels_disagreements_are_shown(library: Library, tmp_path: Path) -> None:
    for number in range(4):
        save(tmp_path / str(number) / "x.jpg", number)
    library.add([tmp_path])
    measurement = Measurements(library).take()
    assert "can&#39;t be measured" in result_html(measurement, BASE)
    html = shown(library, measurement, look="hardest", side="a")
    assert link_of(html)["side"] == "overlap"
    assert len(ids(html)) == 4
    assert "tl-kind" not in html


def test_queries_of_files_are_named_and_views_of_labels_left_out(
    library: Library, measurement: Measurement, tmp_path: Path
) -> None:
    save(tmp_path / "asked" / "new.jpg", 40)
    (tmp_path / "qrels.txt").write_text("new.jpg 0 a-1.jpg 1\n")
    files = tuple(find_sources([tmp_path / "asked"]))
    judged = Measurements(library).take(
        plan=Plan(qrels=read_qrels(tmp_path / "qrels.txt"), files=files)
    )
    html = shown(library, judged, look="hardest")
    (asked,) = re.findall(r'<div class="tl-asked">(.*?)</div>', html, re.DOTALL)
    assert "<b>new.jpg</b>" in asked
    assert "<img" not in asked
    assert "tab=compare" not in html
    assert "look=hardest" in html
    for view in ("confusion", "suspicious"):
        assert f"look={view}" not in html
        assert read_state({"look": view}, judged, []).look == ""
    assert "What was judged as relevant" in result_html(judged, BASE)
    labelled = Plan(files=tuple(find_sources([tmp_path / "in" / "a" / "a-0.jpg"])))
    own = shown(library, Measurements(library).take(plan=labelled), look="hardest")
    assert "<img" in own.partition('class="tl-asked"')[2].partition("</a>")[0]  # it is there, too
