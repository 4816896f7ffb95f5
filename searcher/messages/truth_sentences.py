"""Messages about what models are measured on: judgements, queries and galleries."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "qrels.line": (
        "{n} line of {name} has no query, picture and relevance: line {line:d}.",
        "{n} lines of {name} have no query, picture and relevance, such as line {line:d}.",
    ),
    "qrels.quotes": "{name} can't be read: the quotes in line {line:d} do not match.",
    "qrels.not_a_number": (
        "{n} line of {name} has a relevance that is not a number: line {line:d} has {text}.",
        "{n} lines of {name} have a relevance that is not a number, such as line {line:d}: {text}.",
    ),
    "qrels.not_a_class": (
        "{n} line of {name} has another relevance than easy (3), hard (2), unclear (1) or negative "
        "(0): line {line:d} has {text}.",
        "{n} lines of {name} have another relevance than easy (3), hard (2), unclear (1) or "
        "negative (0), such as line {line:d}: {text}.",
    ),
    "qrels.unknown_query": (
        "{n} line of {name} is about {text}, which is not among the queries.",
        "{n} lines of {name} are about pictures that are not among the queries, such as {text}.",
    ),
    "qrels.ambiguous_query": (
        "{n} line of {name} is about {text}, which is the name of several queries: write a path or "
        "id.",
        "{n} lines of {name} are about a name that several queries have, such as {text}: write "
        "paths or ids.",
    ),
    "qrels.unknown_picture": (
        "{n} line of {name} judges {text}, which is not in the gallery.",
        "{n} lines of {name} judge pictures that are not in the gallery, such as {text}.",
    ),
    "qrels.ambiguous_picture": (
        "{n} line of {name} judges {text}, which is the name of several pictures: write a path or "
        "id.",
        "{n} lines of {name} judge a name that several pictures have, such as {text}: write paths "
        "or ids.",
    ),
    "qrels.conflict": (
        "{n} line of {name} judges a picture again, and otherwise: {text}. The first line counts.",
        "{n} lines of {name} judge a picture again, and otherwise, such as {text}. The first line "
        "counts.",
    ),
    "qrels.no_relevant": (
        "{n} query of {name} has no relevant picture, and is left out: {text}.",
        "{n} queries of {name} have no relevant picture, and are left out, such as {text}.",
    ),
    "qrels.nothing": "{name} names no relevant picture for any query.",
    "qrels.nothing_because": "{name} names no relevant picture for any query. {reason}",
    "truth.unreadable": (
        "{n} query, {name}, can't be read: {reason}",
        "{n} queries can't be read, such as {name}: {reason}",
    ),
    "truth.no_query_files": "There is no picture to search with in this folder.",
    "truth.no_queries": "None of the pictures that all models have indexed is chosen as a query.",
    "truth.no_gallery": "All pictures are chosen as queries, so that none is left to be found.",
    "truth.no_shared_labels": "No query has the label of a picture that could be found.",
    "truth.unknown_name": (
        "{n} name in the list of queries is not that of a picture: {text}.",
        "{n} names in the list of queries are not those of pictures, such as {text}.",
    ),
    "truth.ambiguous_name": (
        "{n} name in the list of queries is that of several pictures: {text}. Write a path or id.",
        "{n} names in the list of queries are those of several pictures, such as {text}. Write "
        "paths or ids.",
    ),
    "truth.empty_list": "{name} names no pictures.",
    "truth.no_labels": "{name} names none of the pictures that are measured.",
    "truth.one_truth": "Choose either labels or judgements of a file.",
    "truth.share": "The share of the queries must be above 0 and below 1.",
    "truth.one_choice": "Choose the queries in one way: a folder, a label, a list or a share.",
    "truth.protocol": "The protocol must be one of {names}.",
    "truth.protocol_without_qrels": "A protocol needs judgements of pictures as easy or hard.",
}
