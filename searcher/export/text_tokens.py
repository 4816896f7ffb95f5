"""How the texts of an external network become tokens: its tokenizer, length, padding, case.

What transformers and, for the layout of immich, open_clip do; see notes at each rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, normalizers, processors

from searcher.errors import CannotAdopt
from searcher.export.text_source import TOKENIZER, TextSettings, TextSource, read_settings
from searcher.models.text_embedder import PUNCTUATION
from searcher.models.text_format import MAX_LENGTH, TextFormat
from searcher.text_encoding import read_text

SIGLIP_LENGTH, CLIP_LENGTH = 64, 77  # the defaults of their configurations
EOS_TOKENS = ("eos_token", "sep_token")
MAX_REASON = 200  # letters


@dataclass(frozen=True)
class TextTokens:
    """A tokenizer and the format of its texts; `has_pad` says whether its pad token is known."""

    tokenizer: Tokenizer
    format: TextFormat
    has_pad: bool
    masks: bool  # whether the network may be told which tokens are padding

    @property
    def document(self) -> str:
        """The tokenizer's JSON document."""
        return str(self.tokenizer.to_str())

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, not padded."""
        self.tokenizer.enable_truncation(self.format.length)
        rows = [list(self.tokenizer.encode(self._prepare(text)).ids) for text in texts]
        self.tokenizer.no_truncation()
        return rows

    def padded(self, rows: Sequence[Sequence[int]], length: int) -> npt.NDArray[np.int64]:
        """Return tokens as an array of a length, int64 [N, length]."""
        tokens = np.full((len(rows), length), self.format.pad_id, np.int64)
        for row, ids in zip(tokens, rows, strict=True):
            row[: len(ids)] = ids
        return tokens

    def mask(self, rows: Sequence[Sequence[int]], length: int) -> npt.NDArray[np.int64]:
        """Return 1 for tokens and 0 for padding, int64 [N, length]."""
        counts = np.array([len(row) if self.masks else length for row in rows])
        return (np.arange(length) < counts[:, None]).astype(np.int64)

    def with_padding(self, padding: str, length: int) -> "TextTokens":
        """Return the same with another padding and length."""
        return replace(self, format=replace(self.format, padding=padding, length=length))

    def _prepare(self, text: str) -> str:
        if self.format.lowercase:
            text = text.lower()
        if self.format.strip_punctuation:
            text = " ".join(text.translate(PUNCTUATION).split())
        return text


def read_tokens(source: TextSource) -> TextTokens:
    """Read the tokenizer of a network's text side, and how its texts are padded.

    Args:
        source: The text side.

    Raises:
        CannotAdopt: A file is missing, can't be used, or does not tell what is needed.
    """
    settings = read_settings(source)
    tokenizer = _load(settings)
    if settings.tokens.get("padding_side") == "left":
        raise CannotAdopt("words.padding_side")
    is_unigram = type(tokenizer.model).__name__ == "Unigram"
    canonical = _is_canonical(settings, is_unigram)
    if settings.is_siglip:
        _end_with_eos(tokenizer, settings)
    if settings.open_clip and not canonical:
        _collapse_spaces(tokenizer)
    keeps_case = settings.is_siglip and settings.tokens.get("do_lower_case") is False
    length = source.length or _length(settings)
    pad_id = _pad_id(tokenizer, settings) if source.pad_id is None else source.pad_id
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ends = tokenizer.encode("a").ids
    return TextTokens(
        tokenizer,
        TextFormat(
            length,
            padding="fixed" if settings.is_siglip else "longest",
            # Without one, what follows the end of a text must make no difference.
            pad_id=pad_id if pad_id is not None else (ends[-1] if ends else 0),
            lowercase=source.lowercase or ((canonical or settings.is_siglip) and not keeps_case),
            strip_punctuation=canonical,
        ),
        has_pad=pad_id is not None,
        masks=not settings.is_siglip,  # it was trained without
    )


def _load(settings: TextSettings) -> Tokenizer:
    if settings.tokenizer is None:
        raise CannotAdopt("words.no_tokenizer", file=TOKENIZER)
    try:
        tokenizer = Tokenizer.from_str(read_text(settings.tokenizer))
        tokenizer.encode("a")
    except Exception as error:  # the errors of its Rust have no common base class
        raise _unusable(settings, error) from error
    except BaseException as error:  # a panic of the library's, which is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise _unusable(settings, error) from error
    return tokenizer


def _unusable(settings: TextSettings, error: BaseException) -> CannotAdopt:
    name = settings.tokenizer.name if settings.tokenizer else TOKENIZER
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:MAX_REASON]
    return CannotAdopt("words.tokenizer", file=name, reason=reason)


def _is_canonical(settings: TextSettings, is_unigram: bool) -> bool:
    """Whether texts lose their case and punctuation.

    transformers' SiglipTokenizer does so, but not the Gemma tokenizer of SigLIP 2; open_clip does
    so where its configuration has `clean: canonicalize`.
    """
    if settings.is_siglip:
        name = str(settings.tokens.get("tokenizer_class") or "")
        return name.startswith("SiglipTokenizer") if name else is_unigram
    options = settings.open_clip.get("tokenizer_kwargs")
    return isinstance(options, dict) and options.get("clean") == "canonicalize"


def _end_with_eos(tokenizer: Tokenizer, settings: TextSettings) -> None:
    """Let every text end with the end token and begin with none, as SigLIP's do."""
    ends = [_token_id(tokenizer, _named(settings, name)) for name in EOS_TOKENS]
    eos = next((number for number in ends if number is not None), None)
    if eos is None:
        raise CannotAdopt("words.no_eos")
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    if tokenizer.encode("a").ids != [*bare, eos]:
        token = tokenizer.id_to_token(eos)
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"$A {token}", pair=f"$A {token} $B {token}", special_tokens=[(token, eos)]
        )


def _collapse_spaces(tokenizer: Tokenizer) -> None:
    """Make every run of white space one space, and strip it at the ends, as open_clip does."""
    steps = [normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    if tokenizer.normalizer is not None:
        steps.append(tokenizer.normalizer)
    tokenizer.normalizer = normalizers.Sequence(steps)


def _length(settings: TextSettings) -> int:
    """Return the smallest of the limits that the files name, else the family's."""
    limits = (
        settings.tokens.get("model_max_length"),  # 10^30 where it has none
        settings.text.get("max_position_embeddings"),
        settings.open_clip.get("context_length"),
    )
    named = [int(n) for n in limits if isinstance(n, int | float) and 1 <= n <= MAX_LENGTH]
    if settings.is_siglip:
        named.append(SIGLIP_LENGTH)
    if not named and (settings.open_clip or settings.model.get("model_type") == "clip"):
        named.append(CLIP_LENGTH)
    if not named:
        raise CannotAdopt("words.no_length")
    return min(named)


def _pad_id(tokenizer: Tokenizer, settings: TextSettings) -> int | None:
    named = _token_id(tokenizer, _named(settings, "pad_token"))
    padding = tokenizer.padding
    return int(padding["pad_id"]) if named is None and padding else named


def _named(settings: TextSettings, key: str) -> Any:
    """Return a special token: a text, or a document with its `content`."""
    token = settings.tokens.get(key) or settings.special.get(key)
    return token.get("content") if isinstance(token, dict) else token


def _token_id(tokenizer: Tokenizer, token: Any) -> int | None:
    number = tokenizer.token_to_id(token) if isinstance(token, str) else None
    return None if number is None else int(number)
