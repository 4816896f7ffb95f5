"""Networks of real architectures, adopted without options: right to 0.9999, or refused.

The reference is the preprocessing of transformers, timm or open_clip, and the network in torch.
"""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from searcher.errors import CannotAdopt
from searcher.export.adopt import Adoption, AdoptOptions, adopt
from searcher.export.processor_config import read_beside
from tests.networks import DOCUMENT, FOLDER, RIGHT, Case, cases, cosines

pytestmark = pytest.mark.numbers

# What a model file can't have, and what the sentence names.
REFUSED = {
    Case("vit", "hamming"): "resample 5",
    Case("vit", "crop without resizing"): "do_resize False",
    Case("timm-mobilenet-v3", "timm, border"): "crop_mode border",
    Case("timm-mobilenet-v3", "timm, oblong"): "input_size 48 x 80",
}
# DINOv3's processor resizes floats with torchvision; Pillow rounds in between.
LOWEST = {"dinov3": 0.9995}
POOLS = {
    "class token": "cls",
    "mean of tokens": "avg",
    "mean of a map": "avg",
    "mean of a map, channels last": "avg",
}


@pytest.fixture(scope="module")
def adopt_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Adoption]:
    """Adopts a case without options, each once for all tests."""

    @functools.cache
    def adopted(case: Case) -> Adoption:
        folder = tmp_path_factory.mktemp("adopted")
        return adopt(case.copy_to(folder), "net", folder / "models", AdoptOptions())

    return adopted


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_without_options_it_is_right_or_refused(
    case: Case, adopt_once: Callable[[Case], Adoption]
) -> None:
    if case in REFUSED:
        with pytest.raises(CannotAdopt, match=rf"{REFUSED[case]}.*--preprocess, --size, --fit"):
            adopt_once(case)
        return
    reached = cosines(adopt_once(case).path, case.vectors)
    assert min(reached.values()) >= LOWEST.get(case.name, RIGHT), reached


@pytest.mark.parametrize("name", DOCUMENT)
def test_the_report_says_what_was_taken(name: str, adopt_once: Callable[[Case], Adoption]) -> None:
    adoption = adopt_once(Case(name))
    messages = {line.code: line.params for line in [*adoption.report, *adoption.guesses]}
    rule = DOCUMENT[name]["embedding"]
    output = messages.get("adoption.output") or messages["adoption.map"]
    if rule in POOLS:
        assert messages["adoption.pooling"]["pool"] == POOLS[rule]
    elif rule != "pooled features" and not name.startswith("timm"):
        assert output["tensor"] == rule
    (dimension,) = {len(vector) for vector in Case(name).vectors.values()}
    assert messages["adoption.dimension"]["dimension"] == dimension
    assert {"adoption.batch", "adoption.fit", "adoption.preprocessing_file"} <= messages.keys()


@pytest.mark.parametrize("name", DOCUMENT)
def test_without_the_files_beside_it_the_options_make_it_right(name: str, tmp_path: Path) -> None:
    case = Case(name)
    source = case.copy_to(tmp_path)
    config = read_beside(source)
    assert config is not None
    for path in (tmp_path / name).rglob("*.json"):
        path.unlink()
    options = AdoptOptions(preprocess=config.preprocess, fit=config.fit, size=config.sides)
    adoption = adopt(source, "net", tmp_path / "models", options)
    reached = cosines(adoption.path, case.vectors)
    assert min(reached.values()) >= LOWEST.get(name, RIGHT), reached


@pytest.mark.parametrize("name", [name for name in DOCUMENT if "timm" not in name])
def test_without_the_files_beside_it_nothing_is_guessed(name: str, tmp_path: Path) -> None:
    source = Case(name).copy_to(tmp_path)
    for path in (tmp_path / name).rglob("*.json"):
        path.unlink()
    with pytest.raises(CannotAdopt, match="--preprocess"):
        adopt(source, "net", tmp_path / "models", AdoptOptions())


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_the_reference_tells_pictures_apart(case: Case) -> None:
    vectors = np.array(list(case.vectors.values()))
    similarities = vectors @ vectors.T - 2 * np.eye(len(vectors))
    assert similarities.max() < 0.998


def test_the_fixtures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 3e6
