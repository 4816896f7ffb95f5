"""The texts that the table learns from."""

import random
from collections.abc import Iterable, Iterator

from tools.words.classes import ImageClass

PHOTO = "a photo of a {}"
# What people write around a word and does not change what they look for.
PROMPTS = (
    PHOTO,
    "a photo of {}",
    "a picture of a {}",
    "picture of {}",
    "an image of a {}",
    "photograph of the {}",
    "a {}",
    "an {}",
    "the {}",
    "two {}",
    "several {}",
    "some {}",
    "show me a {}",
    "find {}",
    "a drawing of a {}",
    "a close-up of a {}",
    "{}, please",
    "a small {}",
    "a large {}",
    "{} in the background",
    "{} outdoors",
    "this is a {}",
    "something like a {}",
)
ATTRIBUTES = (
    *("red", "blue", "green", "black", "white", "yellow", "small", "large", "old", "round"),
    *("wooden", "wild", "two", "many", "a group of"),
)
# How people describe what they have no name for; the words within say what it is.
FRAMES = (
    "something to {}",
    "something that {}",
    "something you {} with",
    "what you {}",
    "a thing made of {}",
    "an animal that {}",
    "an animal in the {}",
    "a place to {}",
    "a place with {}",
    "a tool to {}",
)
PHRASES = (1, 2, 3, 4, 6)  # words
MAX_TEXTS = 90_000
MAX_RARE = 50_000  # of a list of words
LONGEST_FILLING = 3  # words
MAX_FRAMED = 12_000
MAX_PAIRS = 8_000  # of an attribute and a word
MAX_PROMPTED = 90_000


def texts(
    classes: Iterable[ImageClass], common: Iterable[str], rare: Iterable[str], seed: int
) -> list[str]:
    """Return what the teacher is asked about, without duplicates.

    Args:
        classes: Their names, and the phrases of their descriptions.
        common: Words, which also follow on attributes.
        rare: More words, which go last where there are too many.
        seed: Of the order and of the choices.
    """
    generator = random.Random(seed)
    common = sorted({word for word in common if _is_word(word, 3)})
    chosen = {text for each in classes for text in _of_class(each)} | set(common)
    pairs = generator.sample(common, min(MAX_PAIRS, len(common)))
    chosen |= {f"{generator.choice(ATTRIBUTES)} {word}" for word in pairs}
    first = sorted(chosen)
    generator.shuffle(first)
    first = first[:MAX_TEXTS]
    last = sorted({word.strip().lower() for word in rare if _is_word(word.strip(), 4)} - {*first})
    generator.shuffle(last)
    fillings = [text for text in first if text.count(" ") < LONGEST_FILLING]
    framed = {
        generator.choice(FRAMES).format(text)
        for text in generator.choices(fillings, k=min(MAX_FRAMED, len(fillings)))
    }
    return first + last[:MAX_RARE] + sorted(framed - {*first})


def prompted(texts: list[str], seed: int) -> Iterator[tuple[str, int]]:
    """Yield words within prompts, each with the index of the word: it means the same."""
    generator = random.Random(seed)
    words = [number for number, text in enumerate(texts) if " " not in text]
    for number in generator.choices(words, k=min(MAX_PROMPTED, len(texts))):
        yield generator.choice(PROMPTS).format(texts[number]), number


def _of_class(each: ImageClass) -> Iterator[str]:
    for name in each.names:
        yield from (name, PHOTO.format(name))
    kept = (c if c.isalpha() or c in "'-" else " " for c in each.description.lower())
    words = "".join(kept).split()
    for length in PHRASES:
        for start in range(0, len(words) - length, max(1, length - 1)):
            yield " ".join(words[start : start + length])


def _is_word(text: str, shortest: int) -> bool:
    return text.isascii() and text.isalpha() and len(text) >= shortest
