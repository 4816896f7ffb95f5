"""Embed pictures with one model file: uint8 pictures in, unit vectors out."""

import statistics
import time
from pathlib import Path

import numpy as np

from searcher.errors import BrokenModel
from searcher.images.pictures import Picture, UInt8Array, model_input
from searcher.images.resizing import Fit
from searcher.messages.message import Message, message
from searcher.models.providers import device
from searcher.models.sessions import find_fault, open_session
from searcher.types import FloatArray

BATCH = 8  # beyond it VGG16 gets no faster on a CPU, ResNet50 2 %, and memory grows
MAX_SIDE = 4096  # pixels of an input: a batch of two is 100 MB


class Embedder:
    """A loaded model: uint8 pictures in, unit vectors out. Safe to call from several threads."""

    def __init__(self, path: Path, accelerated: bool = True, threads: int = 0) -> None:
        """Load a model file and check it against the contract.

        Args:
            path: The ONNX file.
            accelerated: Whether to use providers other than the CPU where there are some.
            threads: Threads that compute on the CPU; 0 for one per core.

        Raises:
            BrokenModel: The file can't be used; the message names the file but not its folder.
        """
        self.path = path
        self._session = open_session(path, accelerated, threads)
        self.height, self.width, self.dim = self._check_signature()
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        try:
            self.fit = Fit.from_metadata(self.metadata)
        except ValueError as error:
            raise self._broken(message("contract.fit")) from error
        self._check_output()

    @property
    def device(self) -> str:
        """Where the model runs, such as `CPU` or `CUDA`."""
        return device(self._session.get_providers()[0])

    @property
    def form(self) -> tuple[int, int, Fit]:
        """Arguments of `model_input`: height, width, and how a picture is fitted into these."""
        return self.height, self.width, self.fit

    def single_threaded(self) -> "Embedder":
        """Load the file once more, for several calls at a time that compute in a thread each.

        Raises:
            BrokenModel: The file can't be used any more.
        """
        return Embedder(self.path, accelerated=False, threads=1)

    def embed(self, images: UInt8Array) -> FloatArray:
        """Embed pictures of the model's input size in one batch.

        Args:
            images: RGB, uint8 [N, height, width, 3].

        Returns:
            Vectors of unit length, float32 [N, dim].
        """
        (vectors,) = self._session.run(["embedding"], {"image": images})
        return np.asarray(vectors, dtype=np.float32)

    def embed_many(self, images: UInt8Array) -> FloatArray:
        """Embed as `embed` does, BATCH pictures at a time, so that memory stays bounded."""
        starts = range(0, len(images), BATCH)
        return np.concatenate([self.embed(images[i : i + BATCH]) for i in starts])

    def embed_picture(self, picture: Picture) -> FloatArray:
        """Embed one picture, resized to the model's input: float32 [dim]."""
        vectors = self.embed(model_input(picture, *self.form)[None])
        return vectors.reshape(self.dim)

    def milliseconds(self, runs: int = 9) -> float:
        """Measure the median time of embedding one picture, in milliseconds, after two runs."""
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
            raise self._broken(message("contract.input"))
        if "embedding" not in outputs or outputs["embedding"].type != "tensor(float)":
            raise self._broken(message("contract.output"))
        shape = inputs["image"].shape
        fixed = all(isinstance(side, int) and side > 0 for side in shape[1:])
        if len(shape) != 4 or not fixed or shape[3] != 3 or isinstance(shape[0], int):
            raise self._broken(message("contract.input_shape", shape=str(shape)))
        if max(shape[1:3]) > MAX_SIDE:
            raise self._broken(message("contract.input_size", side=MAX_SIDE))
        dims = outputs["embedding"].shape
        if len(dims) != 2 or not isinstance(dims[1], int):
            raise self._broken(message("contract.output_shape", shape=str(dims)))
        return shape[1], shape[2], dims[1]

    def _check_output(self) -> None:
        generator = np.random.default_rng(0)
        probe = generator.integers(0, 256, (2, self.height, self.width, 3), dtype=np.uint8)
        try:
            vectors = self.embed(probe)
        except Exception as error:
            raise self._broken(message("contract.batch")) from error
        if fault := find_fault(vectors, (2, self.dim)):
            raise self._broken(fault)

    def _broken(self, reason: Message) -> BrokenModel:
        return BrokenModel("model.contract", name=self.path.name, reason=reason)
