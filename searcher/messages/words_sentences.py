"""Messages about the side for words of external networks."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "adoption.text_input": "words, input: {tensor}",
    "adoption.tokens": (
        "words, tokens: at most {length} a text, padded with {pad} to the longest text of a batch"
    ),
    "adoption.tokens_fixed": "words, tokens: {length} a text, padded with {pad}",
    "adoption.text_as_is": "words, text: left to the tokenizer",
    "adoption.text_lower": "words, text: in lower case",
    "adoption.text_canonical": "words, text: in lower case, without punctuation",
    "adoption.text_output": "words, output: {tensor}, dimensions: {dimension}",
    "adoption.text_one_by_one": (
        "words, batch: one text at a time (slower: export it with a free batch dimension)"
    ),
    "adoption.text_verified": (
        "words, verified: cosine {cosine:.6f} with the original file on {count:d} texts"
    ),
    "adoption.no_words": "no words: {reason}",
    "words.tensor": (
        "{tensor} of its image side is not in the space of a text side: adopt it without --output "
        "and --pool, if it has image_embeds."
    ),
    "words.dimension": "Its text side has {dimensions} dimensions, its image side {dimension}.",
    "words.no_input": "It has no input of tokens for words; its inputs: {inputs}.",
    "words.no_output": (
        "Its text side has no vector in the space of the image side; its outputs: {outputs}."
    ),
    "words.inputs": "{tensor} does not depend on tokens alone.",
    "words.no_tokenizer": "There is no {file} beside its text side.",
    "words.tokenizer": "{file} can't be used: {reason}",
    "words.padding_side": "Its tokenizer pads texts on the left, which a text file can't do.",
    "words.no_eos": "The files beside its text side do not name the token that ends a text.",
    "words.no_length": (
        "The files beside its text side do not tell how many tokens a text can have: adopt its "
        "files with --text and --text-length."
    ),
    "words.fixed_length": (
        "Its text side takes {number} tokens, the files beside it say {length}: adopt its files "
        "with --text and --text-length."
    ),
    "words.pad": (
        "Its vectors depend on how texts are padded, and the files beside it do not tell with "
        "which token: adopt its files with --text and --pad-id."
    ),
    "words.batch": (
        "Its text side computes other vectors for several texts at once than for each alone, and "
        "that could not be changed."
    ),
    "words.not_finite": "Its text side has vectors of zeros or of values that are no numbers.",
    "words.differ": (
        "The vectors of its text file differ from those of the original (cosine {cosine:.6f}, at "
        "least {minimum} is needed)."
    ),
}
