"""Adopted networks take any number of pictures, with the same vectors as for each alone."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.adopt_graphs import DIM, Build, adopted, assert_right, features, lines, prepared


def mixing(kind: str) -> tuple[onnx.ModelProto, str]:
    g = Build()
    if kind == "standardised":
        x = g.patches()
        mean = g.add("ReduceMean", x, axes=[0, 2, 3], keepdims=1)
        out = g.vector(g.add("Sub", x, mean))
    else:
        parts = ["q", "scale", "zero"]
        g.nodes.append(helper.make_node("DynamicQuantizeLinear", ["x"], parts))
        out = g.vector(g.patches(g.add("DequantizeLinear", *parts)))
    return g.model(out), out


@pytest.mark.parametrize("kind", ["standardised", "quantised"])
def test_what_mixes_a_batch_is_run_one_by_one(tmp_path: Path, kind: str) -> None:
    model, out = mixing(kind)
    embedder, adoption = adopted(tmp_path, model)
    assert any(line.startswith("batch: one picture at a time") for line in lines(adoption))
    assert_right(embedder, features(model, prepared(), out))


def fixed(kind: str) -> tuple[onnx.ModelProto, str, str]:
    """A batch of one (or two) that is written into the graph, and what is to be done about it."""
    g = Build()
    how = "freed from a fixed size"
    batch = 2 if kind == "two" else 1
    if kind == "allowzero":
        x = g.add("Reshape", g.patches(), g.constant([1, -1, 8, 8], np.int64), allowzero=1)
        out = g.vector(x)
    elif kind == "constant node":
        sides = g.add("Constant", value_ints=[1, DIM * 64])
        out = g.add("Reshape", g.patches(), sides)
    elif kind == "expanded token":
        row = g.constant(np.ones((1, 1, DIM)))
        one = g.add("Expand", row, g.constant([1, 1, DIM], np.int64))
        tokens = g.add("Concat", one, g.tokens(batch=1), axis=1)
        mixed = g.add("Mul", tokens, g.constant(np.arange(65).reshape(1, 65, 1)))
        out = g.add("ReduceMean", mixed, axes=[1], keepdims=0)
    elif kind == "folded token":
        row = g.constant(np.ones((1, 1, DIM)))
        tokens = g.add("Concat", row, g.tokens(batch=1), axis=1)
        out = g.add("ReduceMax", tokens, axes=[1], keepdims=0)
    elif kind == "windows":
        shape = [1, DIM, 2, 4, 2, 4]
        x = g.add("Reshape", g.patches(), g.constant(shape, np.int64))
        x = g.add("Transpose", x, perm=[0, 2, 4, 1, 3, 5])
        x = g.add("Reshape", x, g.constant([4, DIM, 4, 4], np.int64))
        x = g.add("Softmax", g.add("ReduceMax", x, axes=[2], keepdims=0), axis=-1)
        out = g.add("Reshape", x, g.constant([1, 4 * DIM * 4], np.int64))
    elif kind == "tokens first":
        x = g.add("Transpose", g.tokens(batch=1), perm=[1, 0, 2])  # [64, 1, 8]
        x = g.add("Reshape", x, g.constant([64, 1, 2, 4], np.int64))
        x = g.add("ReduceMax", x, axes=[0], keepdims=0)
        out = g.add("Reshape", x, g.constant([1, DIM], np.int64))
        how = "one picture at a time"
    else:
        out = g.add("Reshape", g.vector(g.patches()), g.constant([2, DIM], np.int64))
    return g.model(out, batch=batch), out, how


@pytest.mark.parametrize(
    "kind",
    [
        "allowzero",
        "constant node",
        "expanded token",
        "folded token",
        "windows",
        "tokens first",
        "two",
    ],
)
def test_a_fixed_batch_is_freed_or_run_in_its_own_size(tmp_path: Path, kind: str) -> None:
    model, out, how = fixed(kind)
    embedder, adoption = adopted(tmp_path, model)
    assert any(line.startswith(f"batch: {how}") for line in lines(adoption)), lines(adoption)
    assert_right(embedder, features(model, prepared(), out, 2 if kind == "two" else 1))


def test_a_free_batch_stays_as_it_is(tmp_path: Path) -> None:
    """A leading 1 in a shape need not be the batch."""
    g = Build()
    row = g.add("Reshape", g.constant(np.arange(DIM)), g.constant([1, DIM], np.int64))
    out = g.add("Add", g.vector(g.patches()), row)
    model = g.model(out)
    embedder, adoption = adopted(tmp_path, model)
    assert "batch: free" in lines(adoption)
    assert_right(embedder, features(model, prepared(), out))
