"""The catalogue: English sentences by code, with {values}.

A pair is the singular and the plural, between which the value `n` chooses. The translations are in
locale/, found by the same codes.
"""

from searcher.messages import (
    library_sentences,
    model_sentences,
    picture_sentences,
    request_sentences,
    store_sentences,
)

SENTENCES: dict[str, str | tuple[str, str]] = {
    **picture_sentences.SENTENCES,
    **store_sentences.SENTENCES,
    **library_sentences.SENTENCES,
    **model_sentences.SENTENCES,
    **request_sentences.SENTENCES,
}
