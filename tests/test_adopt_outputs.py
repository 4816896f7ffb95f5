"""Which output an adopted network has, its layout and its pooling."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from searcher.errors import CannotAdopt
from searcher.export.tensor_list import list_tensors
from tests.adopt_graphs import (
    DIM,
    SIDE,
    Build,
    adopted,
    assert_right,
    features,
    guesses,
    lines,
    prepared,
)
from tests.test_adopt_files import odd


def test_a_map_with_its_channels_last_is_seen_as_that(tmp_path: Path) -> None:
    g = Build()
    out = g.add("Transpose", g.add("Relu", g.patches()), perm=[0, 2, 3, 1])
    model = g.model(out)
    with pytest.raises(CannotAdopt, match="8 x 8 x 8, has the channels: use --output-layout"):
        adopted(tmp_path, model)
    embedder, adoption = adopted(tmp_path, model, output_layout="NHWC")
    assert f"output: {out} [N, 8, 8, 8], NHWC" in lines(adoption)
    assert_right(embedder, features(model, prepared(), out).mean((1, 2)))

    g = Build()
    six = g.constant(np.random.default_rng(1).standard_normal((6, DIM, 1, 1)))
    out = g.add("Transpose", g.add("Relu", g.add("Conv", g.patches(), six)), perm=[0, 2, 3, 1])
    model = g.model(out)
    embedder, adoption = adopted(tmp_path, model)
    assert embedder.dim == 6
    assert_right(embedder, features(model, prepared(), out).mean((1, 2)))


def transformer(pooler: str) -> onnx.ModelProto:
    """A class token before 64 others, and perhaps a second output."""
    g = Build()
    row = np.random.default_rng(2).standard_normal((1, 1, DIM))
    one = g.add("Mul", g.add("ReduceMean", g.tokens(), axes=[1], keepdims=1), g.constant(row))
    tokens = g.add("Concat", one, g.nodes[2].output[0], axis=1)
    outputs = [tokens]
    if pooler:
        first = g.add("Gather", tokens, g.constant(1, np.int64), axis=1)
        outputs.append(g.add(pooler, first))
    model = g.model(*outputs)
    for old, new in zip(outputs, ("last_hidden_state", "pooler_output"), strict=False):
        for node in model.graph.node:
            for names in (node.input, node.output):
                for place, name in enumerate(names):
                    names[place] = new if name == old else name
        next(v for v in model.graph.output if v.name == old).name = new
    return model


@pytest.mark.parametrize(
    ("pooler", "taken"),
    [("", "last_hidden_state"), ("Tanh", "last_hidden_state"), ("Softplus", "pooler_output")],
)
def test_the_output_of_transformers_is_chosen_by_rule(
    tmp_path: Path, pooler: str, taken: str
) -> None:
    model = transformer(pooler)
    embedder, adoption = adopted(tmp_path, model)
    rows = features(model, prepared(), taken)
    assert_right(embedder, rows[:, 0] if taken == "last_hidden_state" else rows)
    assert any(line.startswith(f"output: {taken}") for line in lines(adoption))
    assert ("pooling: cls" in guesses(adoption)) == (taken == "last_hidden_state")


@pytest.mark.parametrize("pool", ["cls", "mean", "avg", "max"])
def test_tokens_are_pooled_as_one_says(tmp_path: Path, pool: str) -> None:
    model = transformer("")
    embedder, _ = adopted(tmp_path, model, pool=pool)
    rows = features(model, prepared(), "last_hidden_state")
    wanted = {"cls": rows[:, 0], "max": rows.max(1)}.get(pool, rows.mean(1))
    assert_right(embedder, wanted)


def test_tokens_without_a_class_are_averaged_and_odd_ones_are_refused(tmp_path: Path) -> None:
    g = Build()
    out = g.tokens()
    model = g.model(out)
    embedder, adoption = adopted(tmp_path, model)
    assert "pooling: avg" in guesses(adoption)
    assert_right(embedder, features(model, prepared(), out).mean(1))
    g = Build()
    out = g.add("Transpose", g.tokens(), perm=[0, 2, 1])
    with pytest.raises(CannotAdopt, match="--pool cls, avg or max"):
        adopted(tmp_path, g.model(out))


def test_an_inner_tensor_is_listed_and_can_be_chosen(tmp_path: Path) -> None:
    model, out = odd("plain")
    path = tmp_path / "external.onnx"
    onnx.save(model, path)
    rows = ["  ".join(row).rstrip() for row in list_tensors(onnx.load(path))]
    assert rows[0] == f"input  x [N, 3, {SIDE}, {SIDE}]"
    assert any(line.startswith(f"output  {out} ") for line in rows)
    inner = next(line for line in rows if line.endswith("Relu")).split()[1]
    embedder, adoption = adopted(tmp_path, model, output=inner, pool="max", output_layout="NCHW")
    assert_right(embedder, features(model, prepared(), inner).max((2, 3)))
    _, adoption = adopted(tmp_path, model)
    assert any(inner in line for line in lines(adoption) if line.startswith("other tensors"))
