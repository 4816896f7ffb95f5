"""Writing of text files: metadata and the digest of the image file, checked before they appear."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import onnx

from searcher.errors import BrokenModel
from searcher.export.contract import FITTED
from searcher.files import part_of
from searcher.models.text_embedder import TextEmbedder
from searcher.models.text_format import KIND, TEXT, TextFormat


@dataclass(frozen=True)
class TextMetadata:
    """The metadata in a text file.

    Args:
        title: The model's title.
        weights: Where the weights came from.
        licence: Of the weights.
        tokenizer: The content of a tokenizer.json of the Hub, without padding and truncation.
        format: What happens to a text before and after the tokenizer.
    """

    title: str
    weights: str
    licence: str
    tokenizer: str
    format: TextFormat

    def entries(self, image_digest: str) -> dict[str, str]:
        """Return the entries of the text file of the image file with a SHA-256 in hex."""
        entries = {
            "format_version": FITTED,
            "kind": KIND,
            "image_sha256": image_digest,
            "title": self.title,
            "weights": self.weights,
            "licence": self.licence,
            "tokenizer": self.tokenizer,
        }
        return entries | self.format.metadata()


def text_path(image: Path) -> Path:
    """Return the path of the text file that belongs beside an image file."""
    return image.with_name(f"{image.stem}{TEXT}.onnx")


def copy_text(image: Path, variant: Path) -> bool:
    """Make an image file's text file that of its variant, whose vectors are nearly the same.

    Args:
        image: The image file. Its text file is not copied if it belongs to another one.
        variant: The image file of the variant. A text file beside it is replaced or, where there is
            none to copy, removed: it belongs to an earlier variant.

    Returns:
        Whether there was one to copy.

    Raises:
        OSError: It cannot be written.
    """
    source, target = text_path(image), text_path(variant)
    model = onnx.ModelProto()
    with suppress(Exception):  # protobuf's errors have no types
        model = onnx.load(source, load_external_data=False)
    entries = {entry.key: entry.value for entry in model.metadata_props}
    if entries.get("image_sha256") != _digest(image):
        target.unlink(missing_ok=True)
        return False
    _publish(model, entries | {"image_sha256": _digest(variant)}, target)
    return True


def publish_text(
    model: onnx.ModelProto, metadata: TextMetadata, image: Path, path: Path | None = None
) -> TextEmbedder:
    """Write the text file of an image file.

    Args:
        model: The graph; its metadata is set in place.
        metadata: The metadata.
        image: The image file, with its final content.
        path: The text file, if it is not `text_path(image)`; after an error it is unchanged.

    Returns:
        The text file, loaded.

    Raises:
        BrokenModel: It does not fulfil the contract.
        OSError: It cannot be written.
    """
    return _publish(model, metadata.entries(_digest(image)), path or text_path(image))


def _publish(model: onnx.ModelProto, entries: dict[str, str], path: Path) -> TextEmbedder:
    onnx.helper.set_model_props(model, entries)
    onnx.checker.check_model(model)
    with part_of(path) as part:
        with part.open("wb") as file:
            file.write(model.SerializeToString())
            file.flush()
            os.fsync(file.fileno())
        try:
            return TextEmbedder(part)
        except BrokenModel as error:
            # The message has the file's temporary name.
            raise BrokenModel.of(error.message.with_params(name=path.name)) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
