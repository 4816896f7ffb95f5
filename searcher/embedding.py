"""One ONNX file of the contract -> unit vectors."""

import contextlib
import ctypes
import os
import statistics
import time
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from searcher.errors import BrokenModel
from searcher.images import Picture, UInt8Array, model_input
from searcher.resizing import Fit

FloatArray = npt.NDArray[np.float32]

BATCH = 8  # beyond it VGG16 gets no faster on a CPU, ResNet50 2 %, and memory grows
UNIT_TOLERANCE = 1e-3


class Embedder:
    """A loaded model: uint8 pictures in, unit vectors out. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        """Load the file and check it against the contract.

        Raises BrokenModel with the reason, which names the file but not its folder.
        """
        self.path = path
        try:
            self._session = _session(path)
        except Exception as error:  # onnxruntime has no common base for what it raises
            raise BrokenModel(f"{path.name} can't be loaded as an ONNX model.") from error
        self.height, self.width, self.dim = self._check_signature()
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        try:
            self.fit = Fit.from_metadata(self.metadata)
        except ValueError as error:
            raise self._broken(str(error)) from error
        self._check_output()

    @property
    def form(self) -> tuple[int, int, Fit]:
        """What a picture must become: height, width, and how it is fitted into them."""
        return self.height, self.width, self.fit

    def embed(self, images: UInt8Array) -> FloatArray:
        """Turn uint8 [N, height, width, 3] RGB into float32 [N, dim] of unit length."""
        (vectors,) = self._session.run(["embedding"], {"image": images})
        return np.asarray(vectors, dtype=np.float32)

    def embed_many(self, images: UInt8Array) -> FloatArray:
        """Do what `embed` does, BATCH pictures at a time, so that memory stays bounded."""
        starts = range(0, len(images), BATCH)
        return np.concatenate([self.embed(images[i : i + BATCH]) for i in starts])

    def embed_picture(self, picture: Picture) -> FloatArray:
        """Turn one picture into a float32 vector [dim]."""
        vectors = self.embed(model_input(picture, *self.form)[None])
        return vectors.reshape(self.dim)

    def milliseconds(self, runs: int = 9) -> float:
        """Measure the median time of embedding one picture, after two runs to warm up."""
        image = np.zeros((1, self.height, self.width, 3), dtype=np.uint8)
        times = []
        for _ in range(runs + 2):
            start = time.perf_counter()
            self.embed(image)
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times[2:])

    def _check_signature(self) -> tuple[int, int, int]:
        inputs = {i.name: i for i in self._session.get_inputs()}
        outputs = {o.name: o for o in self._session.get_outputs()}
        if set(inputs) != {"image"} or inputs["image"].type != "tensor(uint8)":
            raise self._broken("its only input must be `image`, uint8")
        if "embedding" not in outputs or outputs["embedding"].type != "tensor(float)":
            raise self._broken("it has no float32 output `embedding`")
        shape = inputs["image"].shape
        fixed = all(isinstance(side, int) and side > 0 for side in shape[1:])
        if len(shape) != 4 or not fixed or shape[3] != 3 or isinstance(shape[0], int):
            raise self._broken(f"`image` must be [N, H, W, 3] with N free, not {shape}")
        dims = outputs["embedding"].shape
        if len(dims) != 2 or not isinstance(dims[1], int):
            raise self._broken(f"`embedding` must be [N, D] with D fixed, not {dims}")
        return shape[1], shape[2], dims[1]

    def _check_output(self) -> None:
        generator = np.random.default_rng(0)
        probe = generator.integers(0, 256, (2, self.height, self.width, 3), dtype=np.uint8)
        try:
            vectors = self.embed(probe)
        except Exception as error:
            raise self._broken("it fails on a batch of two pictures") from error
        if vectors.shape != (2, self.dim) or not np.isfinite(vectors).all():
            raise self._broken("its vectors are not finite numbers of the announced shape")
        if np.abs(np.linalg.norm(vectors, axis=1) - 1).max() > UNIT_TOLERANCE:
            raise self._broken("its vectors are not of unit length")

    def _broken(self, reason: str) -> BrokenModel:
        return BrokenModel(f"{self.path.name} does not fulfil the model contract: {reason}.")


def give_back_memory() -> None:
    """Return what models that were let go had to the system.

    glibc keeps freed memory for itself, in pieces that fit no other model: without this the
    process grows by a third over a few rounds of loading. Elsewhere nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@cache
def _share_memory() -> None:
    """Let all sessions take their working memory from one place, instead of each keeping its own.

    After batches of 8 ResNet50 and VGG16 together are 150 MB smaller, and 5 % faster.
    """
    processor = ort.OrtMemoryInfo(
        "Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT
    )
    unlimited, doubling, default, kept = 0, 0, -1, -1
    arena = ort.OrtArenaCfg(unlimited, doubling, default, kept)
    ort.create_and_register_allocator(processor, arena)


def _session(path: Path) -> ort.InferenceSession:
    """The one place where onnxruntime is configured."""
    _share_memory()
    options = ort.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = os.cpu_count() or 1
    options.log_severity_level = 3
    # Waiting threads that spin take the processor from the page and from Milvus.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    available = set(ort.get_available_providers())
    providers = [f"{name}ExecutionProvider" for name in ("CUDA", "CoreML", "OpenVINO", "CPU")]
    return ort.InferenceSession(
        path, options, providers=[name for name in providers if name in available]
    )
