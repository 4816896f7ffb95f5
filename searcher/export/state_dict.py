"""Read PyTorch's older file format without torch: a state dict as a dict of numpy arrays.

The layout is that of torch.serialization's `_legacy_save`: a magic number, a protocol number,
facts about the system, the dict with a persistent id for each storage, the keys of the storages,
and then each storage in this order: its number of values in 8 bytes, and the values.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np

from searcher.errors import ExportFailed
from searcher.messages.system import os_reason

MAGIC = 0x1950A86A20F9469CFC6C  # torch.serialization.MAGIC_NUMBER
PROTOCOL = 1001
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}

Weights = dict[str, np.ndarray]


def read_state_dict(path: Path) -> Weights:
    """Return the tensors of a file by their names.

    Raises:
        ExportFailed: It is no such file, or has anything but tensors: unpickling somebody else's
            file must not run their code.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except OSError as error:
        raise ExportFailed("file.unreadable", name=path.name, reason=os_reason(error)) from error
    except Exception as error:  # damaged bytes make pickle raise almost anything
        raise ExportFailed("install.no_state_dict", name=path.name) from error


def _read(file: IO[bytes]) -> Weights:
    arrays: dict[str, np.ndarray] = {}

    def load() -> Any:
        return _Unpickler(file, arrays).load()

    if load() != MAGIC or load() != PROTOCOL:
        raise pickle.UnpicklingError("not PyTorch's older format")
    load()
    tensors = load()
    for key in load():
        values = arrays[key]
        count = int.from_bytes(file.read(8), "little")
        data = file.read(values.nbytes)
        if count != values.size or len(data) != values.nbytes:
            raise EOFError("a storage is cut off")
        values[:] = np.frombuffer(data, values.dtype)
    return {str(name): np.array(tensor) for name, tensor in tensors.items()}


class _Unpickler(pickle.Unpickler):
    """Allows only the few names that a state dict needs.

    Storages become arrays, which are filled after the tensors, views of them, were made.
    """

    def __init__(self, file: IO[bytes], arrays: dict[str, np.ndarray]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def find_class(self, module: str, name: str) -> Any:
        """Return what a pickle may call; raise UnpicklingError for anything else."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a state dict")

    def persistent_load(self, pid: Any) -> np.ndarray:
        """Return the array of a storage."""
        kind, dtype, key, _device, size = pid[:5]
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown object {kind}")
        return self._arrays.setdefault(str(key), np.empty(size, dtype))


def _view(
    storage: np.ndarray, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> np.ndarray:
    """Return a tensor of a storage; `offset` and `strides` count values."""
    last = offset + sum((side - 1) * step for side, step in zip(shape, strides, strict=True))
    if min((offset, *strides)) < 0 or min(shape, default=1) < 1 or last >= storage.size:
        raise pickle.UnpicklingError("a tensor lies outside its storage")
    steps = [step * storage.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps)
