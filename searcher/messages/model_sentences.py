"""Messages about models: contract, installation, adoption."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "model.unknown": "There is no model “{name}”.",
    "model.unknown_choice": "There is no model “{name}”; ready are: {names}.",
    "model.unknown_none_ready": "There is no model “{name}”; none is ready.",
    "model.baseline": "The baselines are part of Twinlens and stay.",
    "model.not_removed": "{name} can't be removed ({reason}).",
    "model.checking": "{name} is new and is being checked.",
    "model.not_loadable": "{name} can't be loaded as an ONNX model.",
    "model.external_weights": "{name} keeps weights in another file: a model is one file.",
    "model.memory": (
        "{name} takes more than {mb:d} MB of memory to load and run: replace the file or remove it."
    ),
    "model.time": (
        "{name} takes more than {seconds:d} s to load and run: replace the file or remove it."
    ),
    "model.crash": (
        "{name} made the process that checked it end with {ending}: replace the file or remove it."
    ),
    "model.exit_status": "status {status:d}",
    "model.contract": "{name} does not fulfil the model contract: {reason}.",
    "contract.input": "its only input must be `image`, uint8",
    "contract.output": "it has no float32 output `embedding`",
    "contract.input_shape": "`image` must be [N, H, W, 3] with N free, not {shape}",
    "contract.input_size": "`image` has more than {side:d} x {side:d} pixels",
    "contract.output_shape": "`embedding` must be [N, D] with D fixed, not {shape}",
    "contract.batch": "it fails on a batch of two pictures",
    "contract.not_finite": "its vectors are not finite numbers of the announced shape",
    "contract.not_unit": "its vectors are not of unit length",
    "install.unknown": "{name} is not a network that can be installed.",
    "install.unknown_choice": "{name} is not a network that can be installed; these are: {names}.",
    "install.no_weights_file": "There is no weights file {name}.",
    "install.models_folder": "The models folder can't be written ({reason}).",
    "install.cancelled": "The installation of {name} was cancelled.",
    "install.failed": "{title} could not be converted; the log says why.",
    "install.tf2onnx": "tf2onnx could not convert the network; its own message is in the log.",
    "install.vectors_differ": (
        "{title} was converted, but its vectors differ from {original} (cosine {cosine:.5f}, "
        "at least {minimum:.4f} is needed); nothing was installed."
    ),
    "install.download_failed": "The weights could not be downloaded.",
    "install.weights_unfit": (
        "The weights file does not fit {title} without its top layers (Keras calls it …_notop.h5)."
    ),
    "install.no_weights": (
        "{titles} is not installed because the ImageNet weights could not be downloaded: bring "
        "the file with `{command}`, or point KERAS_HOME at a folder whose models/ has it and "
        "run `{again}`.",
        "{titles} are not installed because the ImageNet weights could not be downloaded: "
        "bring the file with `{command}`, or point KERAS_HOME at a folder whose models/ has "
        "them and run `{again}`.",
    ),
    "install.starting": "starting",
    "install.loading": "getting the weights",
    "install.downloading": "downloading {percent} %",
    "install.converting": "converting to ONNX",
    "install.verifying": "comparing ONNX with Keras",
    "install.verified": "cosine {cosine:.6f}",
    "vectors.keras": "Keras'",
    "vectors.original": "the original's",
    "vectors.network": "the network's own",
    "int8.no_pictures": (
        "int8 is calibrated on pictures: index some first, or put some into sample_images/."
    ),
    "int8.no_calibration": "int8 is calibrated on pictures, and none were given.",
    "int8.no_convolutions": "int8 is for networks of several convolutions, and this is none.",
    "storage.no_weights": "The model has no float32 weights that could be stored smaller.",
    "adopt.name": (
        "{name} can't be a model's name: it takes up to 64 letters, digits, dots, - and _."
    ),
    "adopt.features": (
        "Its features have {dimensions} dimensions; a vector [N, D] or a map is needed: choose "
        "another tensor with --output."
    ),
    "adopt.size": "Its pictures must be {height} x {width}, not {size:d} x {size:d}.",
    "adopt.one_at_a_time": (
        "It takes one picture at a time only, and that could not be changed: export it again "
        "with a free batch dimension."
    ),
    "adopt.mixes": "Its output mixes the pictures of a batch.",
    "adopt.not_finite": "Its output has values that are not finite numbers.",
    "adopt.zero": "Its features are all zero for some pictures.",
    "adopt.not_onnx": "{name} is not an ONNX file.",
    "adopt.no_graph": "{name} is not an ONNX file, or has no graph.",
    "adopt.operators": "{name} uses operators that onnxruntime does not have: {names}.",
    "adopt.too_large": "{name} has more than 2 GB of weights, too many for one file.",
    "adopt.weights_missing": (
        "{name} keeps its weights in files beside it, and these are missing: {names}."
    ),
    "adopt.weights_unreadable": "The weights beside {name} can't be read.",
    "adopt.no_input": (
        "It has no input that looks like pictures, [N, 3, H, W] or [N, H, W, 3]. Its inputs: "
        "{inputs}. Name the layout with --layout where sides are free."
    ),
    "adopt.unclear_input": "It is not clear which input takes the pictures: {inputs}.",
    "adopt.no_tensor": "It has no tensor {name}; its outputs: {outputs}.",
    "adopt.several_outputs": (
        "It has several outputs that could be the features; choose with --output. Its outputs: "
        "{outputs}."
    ),
    "adopt.no_output": (
        "It has no output of features; choose with --output. Its outputs: {outputs}."
    ),
    "adopt.more_inputs": "{tensor} depends on more than the picture: {names}.",
    "adopt.independent": "{tensor} does not depend on the picture.",
    "adopt.run": "onnxruntime can't run it on a batch of {size}: {reason}",
    "guess.size": "size {size:d}",
    "guess.preprocessing": "preprocessing {name}: {preprocess}",
    "guess.pooling": "pooling {pool}",
}
