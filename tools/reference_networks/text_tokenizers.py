"""Small tokenizers of the kinds that lie beside CLIP, SigLIP and SigLIP 2 on the Hub."""

import io
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import sentencepiece
import transformers as hf
from sentencepiece import sentencepiece_model_pb2
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from tools.reference_networks.texts import WORDS

START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 160
CLIP_SIZE = 2 * 256 + MERGES + 2  # the last two are START and END
# What SigLIP's normaliser changes, in the form of sentencepiece: code points to code points.
CHARACTERS = {"ﬁ": "fi", "½": "1/2", "１": "1", "２": "2", "３": "3", "\u00a0": " ", "\u2028": " "}
CHARACTERS |= {"e\u0301": "é", "n\u0303": "ñ", "\t": " ", "\n": " "}
SPACE = "▁"


def clip(folder: Path, pad: str = END) -> None:
    """Byte-level BPE with an end of words, as CLIP's; `pad` is "!" beside MobileCLIP."""
    base = hf.CLIPTokenizer().backend_tokenizer
    letters = pre_tokenizers.ByteLevel.alphabet()
    pieces = base.pre_tokenizer.pre_tokenize_str(base.normalizer.normalize_str(WORDS))
    merges = _learn([piece for piece, _ in pieces], MERGES)
    # As in CLIP's: bytes, bytes at the end of words, merges, and the two tokens last.
    single = sorted(letters)
    single.remove("!")
    single.insert(0, "!")
    known = [*single, *(f"{c}</w>" for c in single), *("".join(pair) for pair in merges)]
    vocabulary = {piece: n for n, piece in enumerate(dict.fromkeys([*known, START, END]))}
    assert len(vocabulary) == CLIP_SIZE
    made = hf.CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=pad, model_max_length=77)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(made.backend_tokenizer.to_str())
    config: dict[str, Any] = {
        "bos_token": START,
        "eos_token": END,
        "pad_token": pad,
        "unk_token": END,
    }
    config |= {"model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    _write(folder / "tokenizer_config.json", config)


def _learn(words: list[str], count: int) -> list[tuple[str, str]]:
    """Learn merges of byte pairs; the trainer of tokenizers breaks ties at random here."""
    counts = Counter((*word[:-1], f"{word[-1]}</w>") for word in words)
    merges: list[tuple[str, str]] = []
    for _ in range(count):
        pairs: Counter[tuple[str, str]] = Counter()
        for pieces, number in counts.items():
            for pair in pairwise(pieces):
                pairs[pair] += number
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        counts = Counter({_merged(pieces, best): n for pieces, n in counts.items()})
    return merges


def _merged(pieces: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged: list[str] = []
    for piece in pieces:
        if merged and (merged[-1], piece) == pair:
            merged[-1] += piece
        else:
            merged.append(piece)
    return tuple(merged)


def siglip(folder: Path) -> None:
    """Unigram pieces of sentencepiece; the class of transformers needs its model file."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = folder / "rules.tsv"
    rules.write_text("".join(f"{_codes(old)}\t{_codes(new)}\n" for old, new in CHARACTERS.items()))
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(WORDS.lower().split(". ")),
        model_writer=trained,
        vocab_size=300,
        hard_vocab_limit=False,
        normalization_rule_tsv=str(rules),
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    rules.unlink()
    (folder / "spiece.model").write_bytes(trained.getvalue())
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(trained.getvalue())
    made = Tokenizer(models.Unigram([(p.piece, p.score) for p in proto.pieces], unk_id=2))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
            normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), SPACE),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    made.add_special_tokens([AddedToken(token, normalized=False) for token in ("</s>", "<unk>")])
    (folder / "tokenizer.json").write_text(made.to_str())
    config = {"eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>", "do_lower_case": True}
    config |= {"model_max_length": 64, "tokenizer_class": "SiglipTokenizer"}
    _write(folder / "tokenizer_config.json", config)


def siglip2(folder: Path) -> None:
    """BPE that falls back to bytes, as Gemma's."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", SPACE)
    trained.pre_tokenizer = pre_tokenizers.Split(SPACE, "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=220, show_progress=False)
    trained.train_from_iterator([WORDS], trainer)
    learned = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) for pair in learned["merges"]]
    pieces = [*special, *(f"<0x{n:02X}>" for n in range(256)), *learned["vocab"]]
    vocabulary = {piece: n for n, piece in enumerate(dict.fromkeys(pieces))}
    made = Tokenizer(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    )
    made.normalizer = normalizers.Replace(" ", SPACE)
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    made.add_special_tokens(special)
    made.post_processor = processors.TemplateProcessing(
        single="$A <eos>", pair="$A <eos> $B <eos>", special_tokens=[("<eos>", 1)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(made.to_str())
    config: dict[str, Any] = {f"{t.strip('<>')}_token": t for t in special}
    config |= {"add_bos_token": False, "add_eos_token": True, "padding_side": "right"}
    config |= {"model_max_length": 10**30, "tokenizer_class": "GemmaTokenizer"}
    _write(folder / "tokenizer_config.json", config)


def _codes(text: str) -> str:
    return " ".join(f"{ord(letter):X}" for letter in text)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1) + "\n")
