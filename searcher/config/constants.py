"""Limits shared by the command line, the page and the library."""

MAX_RESULTS = 50
DEFAULT_RESULTS = 12
MODEL_FILES = ("*.onnx", "*.vectors.parquet")  # the files of models in a folder
