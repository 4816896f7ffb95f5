"""Text sides of models on the Hub: found, measured before the download, and brought."""

from pathlib import Path

import pytest

from searcher.export.adopt import AdoptOptions
from searcher.export.hub import HubModel, describe
from searcher.export.hub_adopt import adopt_from_hub
from searcher.library.core import Library
from searcher.library.proposals import Proposal
from searcher.models.embedder import Embedder
from searcher.models.hub_layout import find_model, with_text
from searcher.models.hub_reference import parse
from searcher.ui.components.model_check import check_for_visitor
from tests import hub_server
from tests.cli_calls import Run, run
from tests.hub_repository import Repository
from tests.hub_server import HubServer
from tests.parameters import MakeSettings
from tests.test_hub_layout import CLIP, IMMICH, ONE
from tests.words_cases import FOLDER, expected, lowest, repository, vectors

__all__ = ["run"]  # a fixture


@pytest.fixture
def hub(stand_in_hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A server with the repository `o/clip`, for this process and those that it starts."""
    root = repository("clip", tmp_path / "hub")
    stand_in_hub.reset({"o/clip": Repository(root, card={"license": "mit"})})
    hub_server.use(stand_in_hub, tmp_path, monkeypatch)
    monkeypatch.setenv("HF_ENDPOINT", stand_in_hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return stand_in_hub


def text_of(names: tuple[str, ...], variant: str | None = None) -> str | None:
    """The text side that is found in a repository."""
    text = with_text(find_model(names, "a/b", variant), names).text
    return None if text is None else text.onnx


def test_the_text_side_has_the_variant_of_the_image_side() -> None:
    assert text_of(CLIP) == "onnx/text_model.onnx"
    assert text_of(CLIP, "q8") == "onnx/text_model_quantized.onnx"
    assert text_of(IMMICH) == "textual/model.onnx"
    only = [name for name in CLIP if "text_model_" not in name]
    assert text_of(tuple(only), "fp16") == "onnx/text_model.onnx"
    joint = tuple(name for name in CLIP if "text_" not in name and "vision_" not in name)
    assert text_of(joint, "fp16") == "onnx/model_fp16.onnx"
    mixed = tuple(name for name in CLIP if "text_model" not in name)
    assert text_of(mixed, "q8") == "onnx/model_quantized.onnx"
    assert text_of(ONE) is None
    assert text_of(tuple(name for name in joint if name != "tokenizer.json")) is None


def test_a_text_side_without_a_tokenizer_is_not_downloaded() -> None:
    names = tuple(name for name in CLIP if name != "tokenizer.json")
    files = with_text(find_model(names, "a/b"), names)
    assert files.text is not None
    assert "onnx/text_model.onnx" not in files.all


def test_the_size_before_the_download_includes_words(hub: HubServer) -> None:
    found = describe(parse("hf:o/clip"))
    text = (FOLDER / "clip" / "onnx" / "text_model.onnx").stat().st_size
    assert found.text_bytes == text
    assert found.files.all[-1] == "onnx/text_model.onnx"
    assert {"tokenizer.json", "tokenizer_config.json"} <= set(found.files.all)
    document = found.document()
    assert document["mb_words"] == round(text / 1e6, 1)
    assert document["mb"] == found.network().megabytes > document["mb_words"]
    assert "are for words (--no-words" in str(found.summary)
    without = describe(parse("hf:o/clip"), words=False)
    assert found.bytes - without.bytes > text
    assert not {name for name in without.files.all if "text" in name or "tokenizer" in name}


def test_words_come_with_the_model(hub: HubServer, tmp_path: Path) -> None:
    models = tmp_path / "models"
    found = describe(parse("hf:o/clip"))
    reported: list[tuple[int, int]] = []
    adopt_from_hub(
        found, "net", models, AdoptOptions(), progress=lambda *sizes: reported.append(sizes)
    )
    assert lowest(vectors(models), expected("clip")) >= 0.9999
    assert reported[-1] == (found.bytes, found.bytes)
    # From the cache, without the Hub.
    hub.repositories["o/clip"].folder.rename(tmp_path / "gone")
    hub.failure = 500
    again = HubModel(found.reference, found.commit, found.files, cached=_snapshot(tmp_path, found))
    adopt_from_hub(again, "net", models, AdoptOptions(force=True))
    assert lowest(vectors(models), expected("clip")) >= 0.9999


def _snapshot(cache: Path, found: HubModel) -> Path:
    return cache / "hub" / "models--o--clip" / "snapshots" / found.commit


def check(library: Library, **choices: object) -> Proposal:
    return check_for_visitor(library, None, "hf:o/clip", "net", "", choices)


def test_a_visitor_brings_a_model_with_its_words(
    hub: HubServer, make_settings: MakeSettings
) -> None:
    library = Library(make_settings())
    models = library.settings.models_dir
    try:
        proposal = check(library)
        codes = {line.code for line in proposal.report}
        assert {"adoption.tokens", "adoption.text_output", "adoption.text_verified"} <= codes
        library.proposals.accept(proposal.token)
        sizes = [(models / f"net{part}.onnx").stat().st_size for part in ("", ".text")]
        assert proposal.megabytes == pytest.approx(sum(sizes) / 1e6)
        assert library.registry.get("net").words
        assert lowest(vectors(models), expected("clip")) >= 0.9999

        library.registry.remove("net")
        proposal = check(library, words=False)
        assert "adoption.tokens" not in {line.code for line in proposal.report}
        library.proposals.accept(proposal.token)
        assert not library.registry.get("net").words
        assert not (models / "net.text.onnx").exists()
    finally:
        library.close()


def test_the_command_line_brings_words_unless_they_are_left_out(
    hub: HubServer, run: Run, make_settings: MakeSettings
) -> None:
    models = make_settings().models_dir
    process = run("adopt", "hf:o/clip", "--name", "net")
    assert "are for words (--no-words" in process.stderr
    assert "words, tokens: at most 77 a text" in process.stderr
    assert lowest(vectors(models), expected("clip")) >= 0.9999
    folder = hub.repositories["o/clip"].folder
    process = run("adopt", folder, "--name", "net", "--no-words", "--force")
    assert "words, " not in process.stderr
    assert Embedder(models / "net.onnx").dim == 24
    assert not (models / "net.text.onnx").exists()


def test_loose_files_are_brought(run: Run, make_settings: MakeSettings, tmp_path: Path) -> None:
    models = make_settings().models_dir
    root = repository("mobileclip", tmp_path)
    loose = tmp_path / "loose"
    loose.mkdir()
    vision = root / "onnx" / "vision_model.onnx"
    text = (root / "onnx" / "text_model.onnx").rename(loose / "words.onnx")
    tokenizer = (root / "tokenizer.json").rename(loose / "pieces.json")
    (root / "tokenizer_config.json").unlink()
    files = ("--text", text, "--tokenizer", tokenizer)
    process = run("adopt", vision, "--name", "net", *files)
    assert "no words: The files beside its text side do not tell how many" in process.stderr
    options = ("--text-length", 77, "--pad-id", 0, "--force")
    run("adopt", vision, "--name", "net", *files, *options)
    assert lowest(vectors(models), expected("mobileclip")) >= 0.9999
    process = run("adopt", vision, "--name", "net", "--pad-id", 0, status=2)
    assert "only with --text" in process.stderr
