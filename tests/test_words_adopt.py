"""Text sides of real architectures, adopted without options: right to 0.9999, or refused."""

from pathlib import Path

import pytest

from searcher.models.text_embedder import TextEmbedder
from tests.networks import RIGHT
from tests.words_cases import (
    NETWORKS,
    TEXTS,
    adopt_folder,
    expected,
    lowest,
    repository,
    vectors,
)


@pytest.mark.parametrize("name", NETWORKS)
def test_texts_have_the_vectors_of_the_reference(name: str, tmp_path: Path) -> None:
    adoption = adopt_folder(repository(name, tmp_path), tmp_path / "models")
    print("\n".join(map(str, adoption.report)))
    assert lowest(vectors(tmp_path / "models"), expected(name)) >= RIGHT
    # The same in one batch, whose texts are padded.
    batch = TextEmbedder(tmp_path / "models" / "net.text.onnx").embed_texts(TEXTS)
    assert lowest(batch, expected(name)) >= RIGHT
