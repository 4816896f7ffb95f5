"""The columns of a data set: which has pictures, and which labels, by the Hub's conventions."""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from searcher.datasets.splits import listed
from searcher.errors import BadDataset
from searcher.images.sources import MAX_NAME, printable

PICTURES = ("image", "img", "picture", "photo")  # preferred where there are several
LABELS = ("label", "labels")


@dataclass(frozen=True)
class Columns:
    """The columns that are read.

    Attributes:
        picture: The column of pictures, a struct of `bytes` and `path`.
        label: The column of labels, "" for none.
        classes: The names of the labels, where the column has their numbers.
        others: Columns that could be labels, too.
    """

    picture: str
    label: str
    classes: tuple[str, ...]
    others: tuple[str, ...]

    def text(self, value: Any) -> str:
        """Return the label of a value of the column, "" for none."""
        if value is None:
            return ""
        if self.classes:
            # -1 stands for an unknown class.
            is_class = isinstance(value, int) and 0 <= value < len(self.classes)
            return self.classes[value] if is_class else ""
        return printable(str(value)).strip()[:MAX_NAME]


def find_columns(schema: pa.Schema, dataset: str, label: str = "") -> Columns:
    """Return the columns of pictures and labels.

    Args:
        schema: The schema of a Parquet file.
        dataset: What errors call the data set.
        label: The column of labels; "" for the one called `label` or `labels`, if there is one.

    Raises:
        BadDataset: There is no column of pictures, or no such column of labels.
    """
    features = _features(schema)
    pictures = [field.name for field in schema if _has_pictures(field, features)]
    if not pictures:
        raise BadDataset("dataset.no_pictures", name=dataset)
    candidates = [field.name for field in schema if _has_labels(field)]
    if label and label not in candidates:
        names = listed(candidates)
        raise BadDataset("dataset.no_column", name=dataset, text=label[:80], names=names or "–")
    chosen = label or next((name for name in LABELS if name in candidates), "")
    return Columns(
        picture=next((name for name in PICTURES if name in pictures), pictures[0]),
        label=chosen,
        classes=_classes(features.get(chosen)),
        others=tuple(name for name in candidates if name != chosen),
    )


def _features(schema: pa.Schema) -> dict[str, Any]:
    """Return the features that `datasets` writes into a file; {} where there are none."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _has_pictures(field: pa.Field, features: dict[str, Any]) -> bool:
    kind = field.type
    if not pa.types.is_struct(kind) or kind.get_field_index("bytes") < 0:
        return False
    content = kind.field("bytes").type
    feature = features.get(field.name)
    declared = feature.get("_type", "Image") if isinstance(feature, dict) else "Image"
    # Sounds and films are stored in the same way.
    return declared == "Image" and (
        pa.types.is_binary(content) or pa.types.is_large_binary(content)
    )


def _has_labels(field: pa.Field) -> bool:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def _classes(feature: Any) -> tuple[str, ...]:
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel":
        return ()
    names = feature.get("names")
    texts = names if isinstance(names, list) else []
    return tuple(printable(str(name))[:MAX_NAME] for name in texts)
