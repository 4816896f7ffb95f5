"""Messages about vectors that come from elsewhere."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "model.no_network": (
        "{model} has vectors from elsewhere and no network, so it can't search for new pictures or"
        " words: search for a whole picture of the library."
    ),
    "model.no_vector": (
        "{model} has no vector of this picture, and no network to compute one: its vectors come"
        " from elsewhere."
    ),
    "model.not_explained": (
        "{model} can't say which parts matter: its vectors come from elsewhere, and it has no"
        " network that could look at the picture with a part hidden."
    ),
    "model.not_measured": (
        "{model} is left out: its vectors come from elsewhere, and it has no network that could"
        " look at a changed picture."
    ),
    "model.second_file": (
        "{name} is not used, as {file} has the same name: rename one of them, or remove it."
    ),
    "contract.no_parquet": "it can't be read as a Parquet file, or is damaged",
    "contract.vector_columns": (
        "it must have the columns `id`, int64, and `embedding`, lists of {low:d} to {high:d}"
        " float32 numbers of fixed size"
    ),
    "contract.vector_ids": "its ids must be above 0, and each must be there once",
    "contract.no_vectors": "it has no vectors",
    "contract.row_group": "a row group of it has more than {mb:d} MB",
    "vectors.kind": "{name} is no file of vectors: {choices} are read.",
    "vectors.not_numpy": (
        "{name} can't be read as numbers of numpy: it is damaged, or has Python objects, which are"
        " not unpickled."
    ),
    "vectors.not_parquet": "{name} can't be read as a Parquet file: it is damaged.",
    "vectors.by_columns": (
        "The vectors in {name} are stored by columns: save them with numpy.ascontiguousarray, or as"
        " .npy."
    ),
    "vectors.type": "The numbers in {name} are {given}; {choices} are read.",
    "vectors.shape": "The array in {name} must have a row for each picture, [N, D], not {shape}.",
    "vectors.width": (
        "The vectors in {name} have {size:d} dimensions; {low:d} to {high:d} are possible."
    ),
    "vectors.no_column": (
        "{name} has no column or array {text} that could be used; it has: {names}."
    ),
    "vectors.keys": (
        "What says which picture each row of {name} is of can't be read: a list of ids, paths or"
        " names of files is needed."
    ),
    "vectors.no_keys": (
        "{name} does not say which picture each row is of: give a file with a line for each row,"
        " with --ids in the command line: the picture's id, path or file name."
    ),
    "vectors.count": (
        "{name} has {rows:d} rows, and {file} names {count:d} pictures: a line for each row"
        " is needed."
    ),
    "vectors.none": "{name} has no vectors.",
    "vectors.none_usable": "{name} has no vector of a picture of the library: {reason}.",
    "vectors.name_reserved": (
        "{name} is the name of a model of Twinlens: choose another name for the vectors."
    ),
    "vectors.read": (
        "{n} vector of a picture of the library, {dim:d} dimensions",
        "{n} vectors of pictures of the library, {dim:d} dimensions",
    ),
    "vectors.too_costly": (
        "{name} takes more than {mb:d} MB of memory or {seconds:d} s to read, or is damaged."
    ),
    "vectors.unknown_option": "There is no option “{name}” of vectors; there are: {choices}.",
    "vectors.reading": "reading row {row:d}",
    "rows.empty": (
        "{n} row has no vector: row {row:d}",
        "{n} rows have no vector, the first is row {row:d}",
    ),
    "rows.width": (
        "{n} row has a vector of another length: row {row:d}",
        "{n} rows have a vector of another length, the first is row {row:d}",
    ),
    "rows.not_finite": (
        "{n} row has a vector with a number that is not finite: row {row:d}",
        "{n} rows have a vector with a number that is not finite, the first is row {row:d}",
    ),
    "rows.zero": (
        "{n} row has a vector of zeros: row {row:d}",
        "{n} rows have a vector of zeros, the first is row {row:d}",
    ),
    "rows.nameless": (
        "{n} row does not say which picture it is of: row {row:d}",
        "{n} rows do not say which picture they are of, the first is row {row:d}",
    ),
    "rows.unknown": (
        "{n} row names no picture of the library: row {row:d}, {text}",
        "{n} rows name no picture of the library, the first is row {row:d}, {text}",
    ),
    "rows.ambiguous": (
        "{n} row has a name that several pictures have: row {row:d}, {text}",
        "{n} rows have a name that several pictures have, the first is row {row:d}, {text}",
    ),
    "rows.repeated": (
        "{n} row is of a picture that an earlier row is of: row {row:d}, {text}",
        "{n} rows are of a picture that an earlier row is of, the first is row {row:d}, {text}",
    ),
}
