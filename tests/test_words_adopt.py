"""Text sides of real architectures, adopted without options: right to 0.9999 in every form."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from tokenizers import Tokenizer, processors

from searcher.models.text_embedder import TextEmbedder
from tests import network_kinds as kinds
from tests.networks import RIGHT
from tests.words_cases import (
    FOLDER,
    NETWORKS,
    TEXTS,
    adopt_folder,
    expected,
    lowest,
    repository,
    vectors,
)

pytestmark = pytest.mark.numbers

# Length, padding, token of padding, lower case, without punctuation.
FORMATS = {
    "clip": (77, "longest", 673, False, False),
    "siglip": (64, "fixed", 1, True, True),
    "siglip2": (64, "fixed", 0, True, False),
    "clip-joint": (77, "longest", 673, False, False),
    "open-clip": (77, "fixed", 673, False, False),
    "mobileclip": (77, "fixed", 0, False, False),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_texts_have_the_vectors_of_the_reference(name: str, tmp_path: Path) -> None:
    adoption = adopt_folder(repository(name, tmp_path), tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected(name)) >= RIGHT
    embedder = TextEmbedder(tmp_path / "models" / "net.text.onnx")
    # The same in one batch, whose texts are padded.
    assert lowest(embedder.embed_texts(TEXTS), expected(name)) >= RIGHT
    form = embedder.format
    stored = form.length, form.padding, form.pad_id, form.lowercase, form.strip_punctuation
    assert stored == FORMATS[name]
    lines = {line.code: line.params for line in adoption.report}
    tokens = lines["adoption.tokens_fixed" if form.padding == "fixed" else "adoption.tokens"]
    assert tokens == {"length": form.length, "pad": str(form.pad_id)}
    output = {"tensor": NETWORKS[name]["embedding"], "dimension": 24}
    assert lines["adoption.text_output"] == output
    assert "adoption.text_verified" in lines
    treatments = {"adoption.text_as_is", "adoption.text_lower", "adoption.text_canonical"}
    index = form.lowercase + form.strip_punctuation
    assert sorted(treatments & lines.keys()) == [
        ("adoption.text_as_is", "adoption.text_lower", "adoption.text_canonical")[index]
    ]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_reference_tells_texts_apart(name: str) -> None:
    similarities = expected(name) @ expected(name).T
    assert np.median(similarities) < 0.99


def changed(name: str, folder: Path, change: Callable[[Path], None]) -> Path:
    """Write a repository whose text side is changed."""
    root = repository(name, folder)
    change(root / NETWORKS[name]["file"])
    return root


def outside(path: Path) -> None:
    data = f"{path.name}_data"
    onnx.save(onnx.load(path), path, save_as_external_data=True, location=data, size_threshold=0)


def in_a_function(path: Path) -> None:
    onnx.save(kinds.in_a_function(onnx.load(path)), path)


@pytest.mark.parametrize("change", [outside, in_a_function])
def test_another_form_gives_the_same_vectors(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    adopt_folder(changed("siglip2", tmp_path, change), tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected("siglip2")) >= RIGHT


def test_an_end_that_the_tokenizer_lacks_is_added(tmp_path: Path) -> None:
    root = repository("siglip2", tmp_path)
    tokenizer = Tokenizer.from_file(str(root / "tokenizer.json"))
    tokenizer.post_processor = processors.TemplateProcessing("<bos> $A", None, [("<bos>", 2)])
    tokenizer.enable_truncation(9)
    tokenizer.enable_padding(pad_id=3)
    tokenizer.save(str(root / "tokenizer.json"))
    adopt_folder(root, tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected("siglip2")) >= RIGHT


def test_settings_of_other_files_and_forms_are_read(tmp_path: Path) -> None:
    root = repository("siglip", tmp_path)
    settings = json.loads((root / "tokenizer_config.json").read_text())
    special = {"pad_token": {"content": "</s>"}, "eos_token": {"content": "</s>"}}
    for key in (*special, "tokenizer_class", "model_max_length"):
        del settings[key]
    (root / "tokenizer_config.json").write_text(json.dumps(settings))
    (root / "special_tokens_map.json").write_text(json.dumps(special))
    adopt_folder(root, tmp_path / "models")
    assert lowest(vectors(tmp_path / "models"), expected("siglip")) >= RIGHT


@pytest.mark.parametrize(("name", "end"), [("clip", 673), ("mobileclip", 0)])
@pytest.mark.parametrize("kind", ["mixing", "dynamic int8"])
def test_what_mixes_the_texts_of_a_batch_gets_one_at_a_time(
    name: str, end: int, kind: str, tmp_path: Path
) -> None:
    root = repository(name, tmp_path)
    source = root / NETWORKS[name]["file"]
    if kind == "mixing":
        model = onnx.load(source)
        mix(model)
        onnx.save(model, source)
    else:
        kinds.quantised(source, source)
    adoption = adopt_folder(root, tmp_path / "models")
    assert "adoption.text_one_by_one" in {line.code for line in adoption.report}
    embedder = TextEmbedder(tmp_path / "models" / "net.text.onnx")
    session = ort.InferenceSession(source)
    own = []
    for text in TEXTS:
        (row,) = session.run(["text_embeds"], {"input_ids": embedder.tokenize([text])})[0]
        own.append(row / np.linalg.norm(row))
    assert embedder.format.pad_id == end
    assert lowest(embedder.embed_texts(TEXTS), np.array(own, np.float32)) >= RIGHT


def mix(model: onnx.ModelProto) -> None:
    """Add the length of the whole batch to each vector."""
    for node in model.graph.node:
        node.output[:] = ["own" if name == "text_embeds" else name for name in node.output]
    model.graph.node.append(onnx.helper.make_node("ReduceL2", ["own"], ["size"]))
    model.graph.node.append(onnx.helper.make_node("Add", ["own", "size"], ["text_embeds"]))


def masked_mean(path: Path, kind: int) -> np.ndarray:
    """Write a network whose vector is the mean of its tokens' rows, as its mask says; the rows."""
    table = np.random.default_rng(3).normal(size=(674, 24)).astype(np.float32)
    node, sides = onnx.helper.make_node, ["batch", "length"]
    nodes = [
        node("Gather", ["table", "input_ids"], ["rows"]),
        node("Cast", ["attention_mask"], ["mask"], to=1),
        node("Cast", ["token_type_ids"], ["types"], to=1),
        node("Sub", ["mask", "types"], ["weights"]),
        node("Unsqueeze", ["weights", "last"], ["weight"]),
        node("Mul", ["rows", "weight"], ["weighed"]),
        node("ReduceSum", ["weighed", "first"], ["sums"], keepdims=0),
        node("ReduceSum", ["weight", "first"], ["count"], keepdims=0),
        node("Div", ["sums", "count"], ["text_embeds"]),
    ]
    kinds_of = {"input_ids": 6, "attention_mask": kind, "token_type_ids": 7}
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "masked",
        [info(name, number, sides) for name, number in kinds_of.items()],
        [info("text_embeds", 1, ["batch", 24])],
        [
            onnx.numpy_helper.from_array(value, name)
            for name, value in (
                ("table", table),
                ("last", np.array([2])),
                ("first", np.array([1])),
            )
        ],
    )
    opsets = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return table


@pytest.mark.parametrize("pad", ["<|endoftext|>", "!"])
@pytest.mark.parametrize("kind", [7, 9, 1], ids=["int64", "bool", "float32"])
def test_a_mask_counts_the_tokens_of_a_text_and_no_padding(
    pad: str, kind: int, tmp_path: Path
) -> None:
    root = repository("clip", tmp_path)
    table = masked_mean(root / "onnx" / "text_model.onnx", kind)
    settings = json.loads((root / "tokenizer_config.json").read_text())
    (root / "tokenizer_config.json").write_text(json.dumps(settings | {"pad_token": pad}))
    adopt_folder(root, tmp_path / "models")
    embedder = TextEmbedder(tmp_path / "models" / "net.text.onnx")
    texts = [*TEXTS, "!!! a dog !"]  # tokens of padding inside
    means = [table[embedder.tokenize([text])[0]].mean(0) for text in texts]
    wanted = np.array([mean / np.linalg.norm(mean) for mean in means])
    assert embedder.format.padding == "longest"
    assert lowest(embedder.embed_texts(texts), wanted) >= RIGHT


def test_the_fixtures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1e6
