"""Words of the command line. A row's value is what follows `twinlens`."""

from tests.hostile.row import Row

EMPTY = "it is empty: is a variable unset?"
FOLDER = "an empty path would be the working folder"


def row(*words: str, happens: str = EMPTY, why: str = FOLDER) -> Row:
    """A row whose input is the command as a shell takes it."""
    shown = (word if word.strip() else f'"{word}"' for word in words)
    return Row(" ".join(shown), list(words), happens, why)


ROWS = (
    row("index", ""),
    row("index", " "),
    row("index", "\n"),
    row("index", "pictures", ""),
    row("index", "pictures", "--labels", ""),
    row("index", "pictures", "--coco", ""),
    row("index", "--vectors", ""),
    row("index", "--vectors", "v.npy", "--ids", "", why="the order of the pictures is unknown"),
    row("index", "--shard", "", "x", happens="like 1/4", why="no part of the pictures"),
    row("remove", "--path", ""),
    row("remove", "--path", "x", ""),
    row("remove", "--label", "", why="all pictures without a label would go"),
    row("remove", "--id", "", happens="--id", why="an id is a number"),
    row("label", "--set", "x", "--path", ""),
    row("search", "", "--model", "colour"),
    row("search", "--model", "colour", "--minus", " "),
    row("compare", "", "--models", "colour", "shape"),
    row("evaluate", "--queries", ""),
    row("evaluate", "--query-folder", ""),
    row("evaluate", "--query-list", ""),
    row("evaluate", "--qrels", ""),
    row("compare-models", "colour", "shape", "--labels", ""),
    row("adopt", "", "--name", "x"),
    row("adopt", "x.onnx", "--name", "x", "--text", ""),
    row("export", "vgg16", "--weights", ""),
    row("backup", ""),
    row("restore", ""),
    row("migrate", "--to-milvus", "", "--to-redis", "redis://x", why="vectors would stay"),
    row(
        "migrate", "--to-milvus", "a.db", happens="the path of a file", why="--to-embedded is meant"
    ),
    row(
        "migrate", "--to-embedded", "--to-redis", "redis://x", happens="--to-redis", why="where to?"
    ),
)
