"""Judgements from files: what they say, what is left out, and how models are measured on them."""

from pathlib import Path

import numpy as np
import pytest

from searcher.datasets.picture_names import AMBIGUOUS, PictureNames, resolve
from searcher.datasets.qrels import Judgement, read_qrels
from searcher.errors import BadLabels, InvalidRequest, NotEnoughLabels
from searcher.evaluation.evaluate import evaluate
from searcher.evaluation.judging import judge
from searcher.evaluation.plan import Plan
from searcher.evaluation.query_choice import QueryChoice, read_list
from searcher.images.sources import find_sources
from searcher.library.core import Library
from searcher.messages.problems import Problems
from tests.pictures import folder

PICTURES = [
    PictureNames(11, ("/photos/cats/1.jpg",)),
    PictureNames(12, ("/photos/dogs/1.jpg",)),
    PictureNames(13, ("/photos/dogs/two words.jpg",)),
    PictureNames(14, ("/photos/café.jpg",)),
]


def write(tmp_path: Path, text: str, name: str = "qrels.txt") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_names_are_ids_paths_and_their_ends_where_unique() -> None:
    names = ["12", "id:13", "/photos/cats/1.jpg", "dogs/1", "./two words.jpg", "1.jpg", "nobody"]
    names.append("cafe\u0301.jpg")  # as macOS writes it
    assert resolve(names, PICTURES) == {
        "12": 1,
        "id:13": 2,
        "/photos/cats/1.jpg": 0,
        "dogs/1": 1,
        "./two words.jpg": 2,
        "1.jpg": AMBIGUOUS,
        "cafe\u0301.jpg": 3,
    }
    # A whole name goes before one without its suffix.
    twins = [PictureNames(1, ("a/1",)), PictureNames(2, ("b/1.jpg",))]
    assert resolve(["1"], twins) == {"1": 0}
    assert resolve(["1"], twins[:1]) == {"1": 0}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.txt", "a 0 b.jpg 2\na\t0\tc d.jpg\t-1\n\nx 0 b.jpg 0\n"),
        ("q.csv", "a,b.jpg,2\na,c d.jpg,-1\nx,b.jpg,0\n"),
        ("q.csv", "a,b.jpg,2,0\na,c d.jpg,9,1\nx,b.jpg,0,no\n"),
        ("q.tsv", "query-id\tcorpus-id\tscore\na\tb.jpg\t2\na\tc d.jpg\t-1\nx\tb.jpg\t0\n"),
        ("q.csv", "junk;grade;picture;query\n;2;b.jpg;a\nyes;;c d.jpg;a\n0;0;b.jpg;x\n"),
    ],
)
def test_trec_and_csv_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    qrels = read_qrels(write(tmp_path, text, name))
    assert list(qrels.judgements) == [
        Judgement("a", "b.jpg", 2),
        Judgement("a", "c d.jpg", -1),
        Judgement("x", "b.jpg", 0),
    ]
    assert not qrels.problems


def test_bad_lines_are_counted_by_reason(tmp_path: Path) -> None:
    text = "a 0 1.jpg 1\na 0 1.jpg\nb\na 0 2.jpg much\na 0 3.jpg nan\n"
    qrels = read_qrels(write(tmp_path, text))
    assert len(qrels.judgements) == 1
    assert [str(problem) for problem in qrels.problems] == [
        "2 lines of qrels.txt have no query, picture and relevance, such as line 2.",
        "2 lines of qrels.txt have a relevance that is not a number, such as line 4: much.",
    ]
    with pytest.raises(BadLabels, match="quotes in line 2 do not match"):
        read_qrels(write(tmp_path, 'a,b,1\n"a,b,1\n', "q.csv"))
    with pytest.raises(BadLabels, match="can't be read"):
        read_qrels(tmp_path / "missing.txt")


def judged(
    tmp_path: Path, text: str, protocol: str = ""
) -> tuple[list[int], list[list[float]], list[str]]:
    qrels = read_qrels(write(tmp_path, text), has_classes=bool(protocol))
    problems = Problems()
    places = np.arange(len(PICTURES))
    kept, truth = judge(qrels, protocol, PICTURES, PICTURES, places, problems)
    gains = truth.gains(slice(0, truth.queries)).tolist()
    return kept.tolist(), gains, [str(problem) for problem in problems.messages()]


def test_what_lines_name_is_found_or_counted(tmp_path: Path) -> None:
    text = (
        "11 0 12 2\n11 0 13 0.5\n11 0 café.jpg -3\n11 0 11 1\n11 0 12 1\n"
        "12 0 gone.jpg 1\n13 0 1.jpg 1\nsomebody 0 11 1\n1.jpg 0 11 1\n"
    )
    kept, gains, problems = judged(tmp_path, text)
    assert kept == [0]
    assert gains == [[-1, 2, 0.5, -1]]
    assert problems == [
        "1 line of qrels.txt judges a picture again, and otherwise: 11, 12. The first line counts.",
        "1 line of qrels.txt judges gone.jpg, which is not in the gallery.",
        "1 line of qrels.txt judges 1.jpg, which is the name of several pictures: write a path or "
        "id.",
        "1 line of qrels.txt is about somebody, which is not among the queries.",
        "1 line of qrels.txt is about 1.jpg, which is the name of several queries: write a path or "
        "id.",
        "2 queries of qrels.txt have no relevant picture, and are left out, such as 1.jpg.",
    ]
    with pytest.raises(NotEnoughLabels, match=r"for any query\. 1 line of qrels.txt is about x,"):
        judged(tmp_path, "x 0 11 1\n")


def test_the_protocols_of_revisited_oxford(tmp_path: Path) -> None:
    text = "11 0 12 easy\n11 0 13 Hard\n11 0 14 junk\n12 0 11 2\n12 0 14 5\n"
    assert judged(tmp_path, text, "easy")[:2] == ([0], [[-1, 1, -1, -1]])
    assert judged(tmp_path, text, "medium")[:2] == ([0, 1], [[-1, 1, 1, -1], [1, -1, 0, 0]])
    kept, gains, problems = judged(tmp_path, text, "hard")
    assert (kept, gains) == ([0, 1], [[-1, -1, 1, -1], [1, -1, 0, 0]])
    assert problems == []
    qrels = read_qrels(tmp_path / "qrels.txt", has_classes=True)
    assert "easy (3), hard (2), unclear (1) or negative (0): line 5 has 5" in str(qrels.problems[0])
    with pytest.raises(InvalidRequest, match="easy, medium, and hard"):
        Plan(qrels=qrels, protocol="harder")
    with pytest.raises(InvalidRequest, match="needs judgements"):
        Plan(protocol="hard")


def test_queries_of_a_folder_are_embedded_and_not_added(library: Library, tmp_path: Path) -> None:
    folder(tmp_path / "in", {"a": 3, "b": 3})
    folder(tmp_path / "asked", {"a": 2}, first_seed=1)  # the first is a-1.jpg of the library
    folder(tmp_path / "asked", {"c": 1}, first_seed=99)
    (tmp_path / "asked" / "broken.jpg").write_bytes(b"no picture")
    library.add([tmp_path / "in"])
    text = "asked/a/a-0.jpg 0 in/a/a-0.jpg 3\nc-0 0 b-1 1\nc-0 0 b/b-2.jpg -1\n"
    qrels = read_qrels(write(tmp_path, text))
    files = tuple(find_sources([tmp_path / "asked"]))
    evaluation = evaluate(library, k=3, plan=Plan(qrels=qrels, files=files))
    task = evaluation.task
    assert task.queries.names == ["a-0.jpg", "c-0.jpg"]
    names = task.gallery.names
    assert task.places.tolist() == [names.index("a-1.jpg"), -1]
    gains = task.truth.gains(slice(0, 2))
    assert gains[0, names.index("a-0.jpg")] == 3
    assert gains[0, names.index("a-1.jpg")] == -1  # the query itself
    assert gains[1, names.index("b-2.jpg")] == -1
    assert library.records.count() == len(names) == 6
    for quality in evaluation.models:
        vectors = task.vectors[quality.model.name]
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert names.index("a-1.jpg") not in quality.nearest[0]
    assert evaluation.document()["truth"] == "judgements"
    assert any(
        "1 query, broken.jpg, can't be read" in sentence for sentence in evaluation.sentences()
    )
    # Without judgements the names of folders are labels.
    by_label = evaluate(library, plan=Plan(files=files)).task
    assert by_label.queries.labels.tolist() == ["a", "a"]


def test_queries_are_a_part_of_the_library(library: Library, tmp_path: Path) -> None:
    paths = folder(tmp_path / "in", {"a": 5, "b": 5})
    folder(tmp_path / "in" / "asked", {"a": 2}, first_seed=50)
    library.add([tmp_path / "in"])

    def names(choice: QueryChoice) -> list[str]:
        task = evaluate(library, ["shape"], plan=Plan(choice=choice)).task
        assert (task.places == -1).all()
        asked = {str(name) for name in task.queries.ids}
        assert not asked & {str(name) for name in task.gallery.ids}
        assert len(task.queries) + len(task.gallery) == 12
        return sorted(f"{len(task.gallery)} {name}" for name in task.queries.names)

    assert names(QueryChoice(folder=str(tmp_path / "in" / "asked"))) == ["10 a-0.jpg", "10 a-1.jpg"]
    listed = read_list(write(tmp_path, f"in/a/a-3\n\n{paths[6]}\nnobody.jpg\n", "list.txt"))
    assert names(QueryChoice(names=listed)) == ["10 a-3.jpg", "10 b-1.jpg"]
    drawn = names(QueryChoice(share=0.25))
    assert len(drawn) == 3
    assert drawn == names(QueryChoice(share=0.25))
    others = {tuple(names(QueryChoice(share=0.25, seed=seed))) for seed in range(1, 5)}
    assert others - {tuple(drawn)}
    with pytest.raises(NotEnoughLabels, match="No query has the label"):
        names(QueryChoice(label="a"))
    with pytest.raises(InvalidRequest, match="None of the pictures"):
        names(QueryChoice(label="c"))
    with pytest.raises(InvalidRequest, match="one way"):
        QueryChoice(label="a", share=0.5)
    with pytest.raises(InvalidRequest, match="below 1"):
        QueryChoice(share=float("nan"))
    # Visitors don't learn what is where on the disk.
    hidden = Plan(choice=QueryChoice(names=(str(paths[0]),)), has_paths=False)
    with pytest.raises(InvalidRequest, match="None of the pictures"):
        evaluate(library, ["shape"], plan=hidden)
