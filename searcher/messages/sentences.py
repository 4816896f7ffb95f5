"""The catalogue: templates of English sentences by code.

A pair is singular and plural, between which the parameter `n` chooses. Translations are in locale/,
by the same codes.
"""

from searcher.messages import (
    dataset_sentences,
    filter_sentences,
    hub_sentences,
    library_sentences,
    model_sentences,
    picture_sentences,
    publish_sentences,
    request_sentences,
    setting_sentences,
    shrink_sentences,
    store_sentences,
    truth_sentences,
    vector_sentences,
    words_sentences,
)

SENTENCES: dict[str, str | tuple[str, str]] = {
    **picture_sentences.SENTENCES,
    **dataset_sentences.SENTENCES,
    **store_sentences.SENTENCES,
    **library_sentences.SENTENCES,
    **truth_sentences.SENTENCES,
    **model_sentences.SENTENCES,
    **hub_sentences.SENTENCES,
    **publish_sentences.SENTENCES,
    **words_sentences.SENTENCES,
    **request_sentences.SENTENCES,
    **setting_sentences.SENTENCES,
    **filter_sentences.SENTENCES,
    **vector_sentences.SENTENCES,
    **shrink_sentences.SENTENCES,
}
