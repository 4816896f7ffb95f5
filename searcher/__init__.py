"""Image search with several ONNX embedding models side by side."""

import os

__version__ = "0.1.0"

# onnxruntime reads this when it is loaded, before there is any call to say it with. Otherwise it
# keeps a number of this machine in the home folder and sends events to its maker.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# huggingface_hub reads these when it is imported. Without Xet, whose servers are others than
# HF_ENDPOINT, files come by HTTPS, and a download can be cancelled.
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
