"""Files of PyTorch's older format are read without torch, and run nothing."""

import os
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searcher.errors import ExportFailed
from searcher.export.state_dict import MAGIC, PROTOCOL, read_state_dict

# What torch's pickles call. Only their names count: nothing of them is imported when reading.
TENSOR = "ctorch._utils\n_rebuild_tensor_v2\n"


def tensor(offset: int, shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> bytes:
    """A pickled tensor that is a view of storage "0"."""

    def numbers(values: tuple[int, ...]) -> str:
        return "(" + "".join(f"I{value}\n" for value in values) + "t"

    storage = f"(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI{size}\nNtQ"
    return f"{TENSOR}({storage}I{offset}\n{numbers(shape)}{numbers(strides)}I00\nNtR".encode()


def write(path: Path, tensors: dict[str, bytes], values: np.ndarray) -> Path:
    """Write the format by hand, with one storage of floats."""
    entries = b"".join(f"V{name}\n".encode() + pickled + b"s" for name, pickled in tensors.items())
    parts = [pickle.dumps(part, 2) for part in (MAGIC, PROTOCOL, {"little_endian": True})]
    parts += [b"(d" + entries + b".", pickle.dumps(["0"], 2)]
    parts += [struct.pack("<q", values.size), values.astype("<f4").tobytes()]
    path.write_bytes(b"".join(parts))
    return path


def test_tensors_are_views_of_their_storage(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32)
    tensors = {
        "whole": tensor(0, (3, 4), (4, 1), 12),
        "turned": tensor(0, (4, 3), (1, 4), 12),
        "part": tensor(5, (2,), (1,), 12),
    }
    read = read_state_dict(write(tmp_path / "w.pth", tensors, values))
    assert np.array_equal(read["whole"], values.reshape(3, 4))
    assert np.array_equal(read["turned"], values.reshape(3, 4).T)
    assert np.array_equal(read["part"], [5, 6])


@pytest.mark.parametrize(
    "outside",
    [
        tensor(0, (4, 4), (4, 1), 12),
        tensor(13, (1,), (1,), 12),
        tensor(-1, (20,), (1,), 12),
        tensor(4, (2,), (-2,), 12),
    ],
)
def test_a_tensor_outside_its_storage_is_refused(tmp_path: Path, outside: bytes) -> None:
    path = write(tmp_path / "w.pth", {"t": outside}, np.zeros(12))
    with pytest.raises(ExportFailed, match="not a file of weights"):
        read_state_dict(path)


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("place", range(5))
def test_nothing_in_the_file_is_run(tmp_path: Path, place: int) -> None:
    parts: list[object] = [MAGIC, PROTOCOL, {}, OrderedDict(), []]
    parts[place] = Evil(tmp_path / "mark")
    path = tmp_path / "w.pth"
    path.write_bytes(b"".join(pickle.dumps(part, 2) for part in parts))
    with pytest.raises(ExportFailed, match=r"w\.pth is not a file of weights"):
        read_state_dict(path)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("kept", [0, 1, 40, -1, -49])
def test_what_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = write(tmp_path / "w.pth", {"t": tensor(0, (12,), (1,), 12)}, np.zeros(12))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ExportFailed, match="not a file of weights"):
        read_state_dict(path)


def test_what_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="can't be read"):
        read_state_dict(tmp_path / "nowhere.pth")
