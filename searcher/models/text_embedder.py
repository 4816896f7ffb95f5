"""Embed words with one text file: texts in, unit vectors in the space of its image file out."""

import re
import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from searcher.errors import BrokenModel
from searcher.messages.message import Message, message
from searcher.models.sessions import find_fault, open_session
from searcher.models.text_format import KIND, PLACE, TextFormat
from searcher.types import FloatArray

DIGEST = re.compile(r"[0-9a-f]{64}")
PUNCTUATION = str.maketrans("", "", string.punctuation)
PROBE = "two small dogs in the snow, seen from above; "


class TextEmbedder:
    """A loaded text file: words in, unit vectors out. Safe to call from several threads."""

    def __init__(self, path: Path, accelerated: bool = True) -> None:
        """Load a text file and check it against the contract.

        Args:
            path: NAME.text.onnx.
            accelerated: Whether to use providers other than the CPU where there are some.

        Raises:
            BrokenModel: The file can't be used; the message names the file but not its folder.
        """
        self.path = path
        self._session = open_session(path, accelerated)
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        tokenizer = metadata.pop("tokenizer", "")  # megabytes
        self.metadata: dict[str, str] = metadata
        self.image_digest = metadata.get("image_sha256", "")
        try:
            self.format = TextFormat.from_metadata(metadata)
        except ValueError as error:
            raise self._broken(message("contract.text_entries")) from error
        if metadata.get("kind") != KIND or not DIGEST.fullmatch(self.image_digest):
            raise self._broken(message("contract.text_entries"))
        self.dim = self._check_signature()
        self._tokenizer = self._read_tokenizer(tokenizer)
        self._check_output()

    @property
    def tokens(self) -> int:
        """The most tokens of a text; longer texts are cut."""
        return self.format.length

    def embed_text(self, text: str) -> FloatArray:
        """Embed one text: float32 [dim], of unit length."""
        return self.embed_texts([text]).reshape(self.dim)

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts in one batch: float32 [N, dim], of unit length."""
        return self._embed(self.tokenize(texts))

    def tokenize(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the tokens of texts, int64 [N, L], padded on the right."""
        # Not encode_batch: its threads outlive the call, and don't survive a fork.
        rows = [self._tokenizer.encode(self._prepare(text)).ids for text in texts]
        fixed = self.format.padding == "fixed"
        # A network may fail on no tokens at all, which accents alone have.
        length = self.format.length if fixed else max(1, *map(len, rows))
        tokens = np.full((len(rows), length), self.format.pad_id, np.int64)
        for row, ids in zip(tokens, rows, strict=True):
            row[: len(ids)] = ids
        return tokens

    def _prepare(self, text: str) -> str:
        if self.format.lowercase:
            text = text.lower()
        if self.format.strip_punctuation:
            text = " ".join(text.translate(PUNCTUATION).split())
        return self.format.template.replace(PLACE, text)

    def _embed(self, tokens: npt.NDArray[np.int64]) -> FloatArray:
        (vectors,) = self._session.run(["embedding"], {"tokens": tokens})
        return np.asarray(vectors, dtype=np.float32)

    def _check_signature(self) -> int:
        inputs = {i.name: i for i in self._session.get_inputs()}
        outputs = {o.name: o for o in self._session.get_outputs()}
        if set(inputs) != {"tokens"} or inputs["tokens"].type != "tensor(int64)":
            raise self._broken(message("contract.text_input"))
        if "embedding" not in outputs or outputs["embedding"].type != "tensor(float)":
            raise self._broken(message("contract.output"))
        shape = inputs["tokens"].shape
        lengths = [self.format.length] if self.format.padding == "fixed" else []
        if len(shape) != 2 or isinstance(shape[0], int):
            raise self._broken(message("contract.text_shape", shape=str(shape)))
        if isinstance(shape[1], int) and shape[1] not in lengths:
            raise self._broken(message("contract.text_shape", shape=str(shape)))
        dims = outputs["embedding"].shape
        if len(dims) != 2 or not isinstance(dims[1], int):
            raise self._broken(message("contract.output_shape", shape=str(dims)))
        return dims[1]

    def _read_tokenizer(self, document: str) -> Tokenizer:
        """Return the tokenizer, which cuts to the format's length but does not pad."""
        try:
            tokenizer = Tokenizer.from_str(document)
            tokenizer.no_padding()
            tokenizer.enable_truncation(self.format.length)
            tokenizer.encode(PROBE)
        except Exception as error:
            raise self._broken(message("contract.tokenizer")) from error
        except BaseException as error:  # a panic of the library's, which is no Exception
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            raise self._broken(message("contract.tokenizer")) from error
        return tokenizer

    def _check_output(self) -> None:
        # No text, a word, and one that is cut, in a batch; and the last token of the table.
        tokens = self.tokenize(["", "dog", PROBE * self.format.length])
        largest = max(self._tokenizer.get_vocab().values(), default=0)
        tokens[1, -1] = max(largest, self.format.pad_id)
        try:
            vectors = self._embed(tokens)
        except Exception as error:
            raise self._broken(message("contract.tokens")) from error
        if fault := find_fault(vectors, (len(tokens), self.dim)):
            raise self._broken(fault)

    def _broken(self, reason: Message) -> BrokenModel:
        return BrokenModel("model.contract", name=self.path.name, reason=reason)
