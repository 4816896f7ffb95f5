"""A value for every name that a sentence of the catalogue takes."""

from searcher.messages.message import Message, message
from searcher.messages.sentences import SENTENCES

FORMS = {"one": 1, "many": 2}

VALUES: dict[str, object] = {
    "advice": message("choice.best", model="VGG16"),
    "after": 14.5,
    "again": "twinlens export vgg16",
    "at": 14,
    "before": 12.3,
    "bytes": 12,
    "calls": 60,
    "choices": "debug, info",
    "command": "twinlens export vgg16 --weights FILE.h5",
    "commit": "0123456789ab",
    "cosine": 0.98765,
    "count": 6,
    "difference": 0.123,
    "dimension": 384,
    "dimensions": 3,
    "done": 3,
    "ending": "SIGKILL",
    "entries": 7,
    "factor": 2.56,
    "fewest": 2,
    "field": "fn_index",
    "file": "preprocessor_config.json",
    "files": "config.json, model.onnx",
    "fit": "crop, short side to 256, bicubic",
    "finding": message("finding.orphan_collection", name="vgg16_0123abcd"),
    "given": "256 x 192",
    "height": "224",
    "high": 65535,
    "holder": "4711 (twinlens serve)",
    "inputs": "pixels [N, 4, 8, 8]",
    "layout": "NCHW",
    "length": 77,
    "licence": "MIT",
    "limit": 1500,
    "line": 17,
    "low": 0,
    "loss": 0.045,
    "margin": 0.031,
    "mb": 20,
    "mean": 0.912,
    "measure": "p@10",
    "megapixels": 64,
    "method": message("batch.free"),
    "minimum": 0.9999,
    "model": "VGG16",
    "most": 80,
    "name": "a.jpg",
    "names": "colour, shape",
    "needed": 2048,
    "number": 5,
    "opset": 7,
    "original": message("vectors.original"),
    "other": "ResNet50",
    "outputs": "features [N, 8]",
    "path": "uploads/07/7.jpg",
    "percent": 40,
    "place": "/mnt/disk",
    "pad": 49407,
    "pool": "avg",
    "port": 7860,
    "preprocess": "RGB",
    "reason": message("os.eacces"),
    "remedy": message("remedy.deleted"),
    "revision": "v9",
    "sample": 48,
    "seconds": 60,
    "shape": "[1, 2]",
    "side": 4096,
    "size": 224,
    "stage": message("install.downloading", percent=40),
    "status": 3,
    "store": "Redis",
    "summary": message("adoption.size", height="224", width="224"),
    "tensor": "features",
    "text": "ninguno",
    "title": "VGG16",
    "titles": ("ResNet50", "VGG16"),
    "measures": ("p@1", "map"),
    "tokens": 8,
    "total": 9,
    "url": "https://hub.example",
    "variable": "REDIS_URL",
    "variant": "q8",
    "version": "6.31.0",
    "wait": 8,
    "width": "224",
}


def samples() -> dict[str, Message]:
    """A message for every code, and for both forms of one that has a plural."""
    samples_by_code = {}
    for code, template in SENTENCES.items():
        if isinstance(template, str):
            samples_by_code[code] = Message(code, VALUES)
        else:
            for form, n in FORMS.items():
                samples_by_code[f"{code} ({form})"] = Message(code, {**VALUES, "n": n})
    return samples_by_code
