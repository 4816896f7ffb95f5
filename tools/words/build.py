"""Make the tables: classes by what the teacher says of them, pieces by learning from it.

A class's vector is the sum of the teacher's vectors of "a photo of a NAME" and of the first
sentence of its description. All vectors are projected on their principal directions, after their
mean is subtracted. Names within prompts point where the names do, so that prompts change nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from searcher.export.bag_of_pieces import PAD, UNKNOWN, quantise
from searcher.export.words_model import FORMAT, Tables
from searcher.types import FloatArray
from tools.words import corpus
from tools.words.classes import ImageClass
from tools.words.table import Bags, Fitting, fit
from tools.words.teacher import Teacher

SPECIAL = ["[PAD]", "[UNK]"]  # PAD and UNKNOWN
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[]_{}|~0123456789"
LONGEST_WORD = 40  # characters
SAMPLED = 4  # one of so many texts serves for the principal directions
RARE = 10  # pieces that are seen less often than this begin with short vectors


@dataclass(frozen=True)
class Sizes:
    """The sizes of the tables, and how they learn."""

    pieces: int = 16384
    dim: int = 256
    fitting: Fitting = field(default_factory=Fitting)


def build(
    teacher: Teacher,
    classes: Sequence[ImageClass],
    rare: Iterable[str] = (),
    sizes: Sizes = Sizes(),
    report: Callable[[str], None] = lambda line: None,
) -> Tables:
    """Make the tables.

    Args:
        teacher: What embeds texts.
        classes: The classes, in the order of the network's outputs.
        rare: Words beyond those that the teacher knows.
        sizes: The sizes of the tables.
        report: Called with what is done next.
    """
    seed = sizes.fitting.seed
    texts = corpus.texts(classes, teacher.words, rare, seed)
    report(f"asking the teacher about {len(texts)} texts")
    targets = teacher.embed(texts)
    mean = targets.mean(axis=0)
    axes = np.linalg.svd((targets - mean)[::SAMPLED], full_matrices=False)[2][: sizes.dim].T

    def project(vectors: FloatArray) -> FloatArray:
        return unit((vectors - mean) @ axes).astype(np.float32)

    photos = [corpus.PHOTO.format(each.names[0]) for each in classes]
    sentences = [each.sentence for each in classes]
    sums = project(teacher.embed(photos)) + project(teacher.embed(sentences))

    report("cutting words into pieces")
    tokenizer = train_tokenizer(texts, sizes.pieces)
    prompted = list(corpus.prompted(texts, seed))
    bags = Bags([_pieces(tokenizer, text) for text in (*texts, *(text for text, _ in prompted))])
    numbers = [*range(len(texts)), *(number for _, number in prompted)]

    report(f"learning for {sizes.fitting.passes} passes")
    count = tokenizer.get_vocab_size()
    frequency = np.bincount(bags.pieces, minlength=count)[:, None]
    spelled = [str(tokenizer.id_to_token(number)).removeprefix("##") for number in range(count)]
    scales = (3 / np.sqrt(frequency + RARE)).astype(np.float32)
    table = project(teacher.embed(spelled)) * scales
    losses = fit(table, bags, project(targets)[numbers], sizes.fitting)
    report(f"the cosine with the teacher is {1 - losses[-1]:.3f} in the mean")
    return Tables(*quantise(table), unit(sums).astype(np.float32), tokenizer.to_str())


def train_tokenizer(texts: Sequence[str], pieces: int) -> Tokenizer:
    """Return a WordPiece tokenizer of at most so many pieces; accents and case count nothing."""
    tokenizer = Tokenizer(
        models.WordPiece(unk_token=SPECIAL[UNKNOWN], max_input_chars_per_word=LONGEST_WORD)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=pieces, min_frequency=1, special_tokens=SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator([*texts, *SIGNS * 3], trainer)
    assert tokenizer.token_to_id(SPECIAL[PAD]) == PAD
    return tokenizer


def unit(vectors: FloatArray) -> FloatArray:
    """Scale the rows of [N, D] to length 1."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12))


def _pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text).ids
    return ids[: FORMAT.length] or [UNKNOWN]
