"""Messages about the Hugging Face Hub."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "hub.reference": (
        "{text} does not name a repository of the Hub: write hf:OWNER/NAME or "
        "hf:OWNER/NAME@REVISION."
    ),
    "hub.no_repository": (
        "The Hub has no repository {name}, or it is private: check the name, or set HF_TOKEN to an "
        "access token that may read it."
    ),
    "hub.no_revision": (
        "{name} has no revision {revision}: give one of its branches, tags or commits."
    ),
    "hub.gated": (
        "{name} is gated: accept its conditions at {url}, and set HF_TOKEN to your access token."
    ),
    "hub.not_public": (
        "The Hub has no public {name}, and visitors get public repositories only: check the name, "
        "or ask whoever runs this app to set VISITORS_USE_HF_TOKEN."
    ),
    "hub.token": "The Hub does not accept the access token: check HF_TOKEN, or unset it.",
    "hub.no_onnx": (
        "{name} has no network for pictures where such files usually are (onnx/vision_model.onnx, "
        "onnx/model.onnx, visual/model.onnx, model.onnx): choose another repository, or download "
        "one of its files and adopt that. Its files: {files}."
    ),
    "hub.text_only": (
        "{name} has a network for words only: choose a repository with one for pictures. Its "
        "files: {files}."
    ),
    "hub.no_variant": "{name} has no variant {variant}: choose {choices}.",
    "hub.too_large": (
        "{name} has {mb} MB of files for this model; at most {limit} MB can be one ONNX file. "
        "Choose a smaller variant."
    ),
    "hub.text_too_large": (
        "{name} has {mb} MB of files for words; at most {limit} MB can be one ONNX file. Choose a "
        "smaller variant, or leave words out with --no-words."
    ),
    "hub.unreachable": (
        "The Hub does not answer at {url}: check the network and HF_ENDPOINT, or use a folder with "
        "the files of {name}."
    ),
    "hub.offline": (
        "{name} is not in the Hub's cache: unset HF_HUB_OFFLINE to download it, or use a folder "
        "with its files."
    ),
    "hub.status": "The Hub answers with status {status:d}: try again later.",
    "hub.not_a_hub": "{url} does not answer as a Hub does: check HF_ENDPOINT.",
    "hub.cut_off": "The download of {name} was cut off: try again.",
    "hub.damaged": ("{path} of {name} is not what the Hub announced, and was deleted: try again."),
    "hub.disk_full": (
        "There is no room for the {mb} MB of {name}: free some space, or point HF_HOME at a folder "
        "on another disk."
    ),
    "hub.cache": (
        "The Hub's cache can't be written ({reason}): point HF_HOME at a folder that can."
    ),
    "hub.summary": "{name}, {variant}, commit {commit}: {mb} MB, licence: {licence}",
    "hub.summary_words": "{summary}; {mb} MB of it are for words (--no-words leaves them out)",
    "hub.no_licence": "not stated",
    "hub.downloading": "downloading {done} of {total} MB",
}
