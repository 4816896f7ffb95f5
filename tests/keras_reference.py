"""What Keras itself says of pictures: preprocessing, network, pooling, unit length.

The recipe written without the project; run as `python -m tests.keras_reference RECIPES FOLDER`.
"""

import importlib
import json
import sys

import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

SMALLEST = "mobilenet_v2"


def main(recipes: str, folder: str) -> None:
    """Write NAME.npy for FOLDER/images.npy, and SMALLEST.h5, that network's weights."""
    pictures = np.load(f"{folder}/images.npy").astype("float32")
    for name, (module, function, _, pooling, preprocess) in json.loads(recipes).items():
        keras.utils.set_random_seed(0)
        make = getattr(importlib.import_module(f"keras.applications.{module}"), function)
        net = make(include_top=False, pooling=pooling, weights=None, input_shape=(224, 224, 3))
        y = np.asarray(net(eval(preprocess, {"np": np, "x": pictures}), training=False))
        np.save(f"{folder}/{name}.npy", y / np.linalg.norm(y, axis=1, keepdims=True))
        if name == SMALLEST:
            with h5py.File(f"{folder}/{name}.h5", "w") as file:
                legacy_h5_format.save_weights_to_hdf5_group(file, net)


if __name__ == "__main__":
    main(*sys.argv[1:])
