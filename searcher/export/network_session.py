"""Run an external network in onnxruntime: a batch, or one picture at a time."""

import numpy as np
import onnx
import onnxruntime as ort

from searcher.errors import CannotAdopt
from searcher.export.onnx_graph import Tensor


class NetworkSession:
    """A loaded graph with one input for pictures."""

    def __init__(self, model: onnx.ModelProto, source: Tensor, target: str) -> None:
        """Load a graph.

        Args:
            model: The graph.
            source: Its input for pictures.
            target: The output to compute.

        Raises:
            CannotAdopt: onnxruntime can't load it.
        """
        options = ort.SessionOptions()
        options.log_severity_level = 4
        self._source, self._target = source, target
        try:
            self._session = ort.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors have no common base class
            raise CannotAdopt("adopt.load", reason=_reason(error)) from error

    def run(self, pixels: np.ndarray) -> np.ndarray:
        """Run one batch, in the layout and type of the input; raise CannotAdopt if that fails."""
        feed = {self._source.name: pixels}
        for other in self._session.get_inputs():
            if other.name != self._source.name:
                feed[other.name] = _filler(other)
        return self.run_with(feed)

    def run_with(self, feed: dict[str, np.ndarray]) -> np.ndarray:
        """Run one batch of values for several inputs; other values than for these are ignored.

        Raises:
            CannotAdopt: onnxruntime can't run it.
        """
        names = {value.name for value in self._session.get_inputs()}
        given = {name: values for name, values in feed.items() if name in names}
        try:
            (result,) = self._session.run([self._target], given)
        except Exception as error:
            size = len(given.get(self._source.name, ()))
            raise CannotAdopt("adopt.run", size=size, reason=_reason(error)) from error
        return np.asarray(result)

    def run_alone(self, pixels: np.ndarray) -> np.ndarray:
        """Run one picture at a time, repeated where the batch size is fixed; stack the results."""
        size = batch_size(self._source)
        rows = []
        for picture in pixels:
            result = self.run(np.repeat(picture[None], size, axis=0))
            if result.ndim == 0 or len(result) != size:
                raise CannotAdopt("adopt.no_batch", tensor=self._target)
            rows.append(result[0])
        return np.stack(rows)


def batch_size(source: Tensor) -> int:
    """Return the fixed batch size of an input, 1 if it is free."""
    side = source.shape[0]
    return side if isinstance(side, int) else 1


def _filler(value: ort.NodeArg) -> np.ndarray:
    """Return values for an input that the features do not depend on."""
    kinds = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}
    sides = [side if isinstance(side, int) else 1 for side in value.shape]
    return np.ones(sides, kinds.get(value.type, np.float32))


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1][:300]
