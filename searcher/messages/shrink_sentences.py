"""Messages about shrunken vectors."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "shrink.unknown_variant": (
        "There are no vectors like {name}: say float32, int8, first-N, pca-N, first-N-int8 or "
        "pca-N-int8, where N is less than {dimension:d}."
    ),
    "shrink.no_binary": (
        "Binary vectors can't be stored: rescoring needs the full ones in memory, too, and Milvus "
        "keeps both."
    ),
    "shrink.no_float16": (
        "float16 vectors can't be stored: Milvus Lite has none, and Milvus 2.3 finds wrong "
        "neighbours among them. On a server int8 is smaller and loses next to nothing."
    ),
    "shrink.float32_only": (
        "The embedded store, Milvus Lite, keeps every number in 4 bytes: int8 needs a Milvus "
        "server (MILVUS_URI). Fewer dimensions work here, too."
    ),
    "shrink.too_few_pictures": (
        "{count:d} axes of the vectors of {model} need more pictures than that."
    ),
    "shrink.too_few_to_measure": (
        "Measuring smaller vectors needs at least {count:d} pictures with one of {model}."
    ),
    "shrink.no_room": (
        "There is no room for smaller vectors of {model} beside the full ones: {mb:d} MB are "
        "needed."
    ),
    "shrink.exact": (
        "Searches of {model} are exact: its collection has no HNSW index, so there is no ef to "
        "choose."
    ),
    "job.shrinking": "Storing smaller vectors of {title}",
    "work.shrinking": "Storing smaller vectors of {title}: {done} of {total}",
    "finding.shrunken_copy": "smaller vectors of {model} are left over and not used",
}
