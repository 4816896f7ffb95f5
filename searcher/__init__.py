"""Image search with several ONNX embedding models side by side."""

__version__ = "0.1.0"
