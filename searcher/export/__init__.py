"""How a model file is made. Only this package may import onnx, tf2onnx or tensorflow."""
