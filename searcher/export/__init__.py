"""Making model files. Only this package may import onnx, tf2onnx or tensorflow."""
