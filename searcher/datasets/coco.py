"""Labels from COCO's JSON: the categories of the objects in each picture.

Format: Lin et al., "Microsoft COCO: Common Objects in Context", 2014; cocodataset.org/#format-data.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from searcher.datasets.json_stream import BadJson, JsonStream
from searcher.errors import BadLabels
from searcher.text_encoding import open_text

ARRAYS = ("categories", "images", "annotations")


def read_coco(path: Path, name: str) -> dict[str, str]:
    """Return the category of the largest object of each picture; see `read_categories`."""
    return {file: found[0] for file, found in read_categories(path, name).items()}


def read_categories(path: Path, name: str) -> dict[str, tuple[str, ...]]:
    """Return the categories of each annotated picture by its `file_name`, the largest object first.

    The largest object is that of the largest `area`, or `bbox` where an annotation has no area;
    groups (`iscrowd`) count as one object. Entries are read one by one, since such files have
    hundreds of megabytes, most of which are outlines.

    Args:
        path: The file.
        name: What errors call it.

    Raises:
        BadLabels: It is not COCO's JSON.
        OSError: It can't be read.
    """
    categories: dict[Any, str] = {}
    files: dict[Any, str] = {}
    largest: dict[Any, dict[Any, float]] = {}  # the largest area by category, by picture
    numbers = dict.fromkeys(ARRAYS, 0)
    for array, entry in _entries(path, name):
        numbers[array] += 1
        try:
            if array == "categories":
                categories[entry["id"]] = _text(entry["name"])
            elif array == "images":
                files[entry["id"]] = _text(entry["file_name"])
            else:
                category = entry["category_id"]
                area = _area(entry)
                areas = largest.setdefault(entry["image_id"], {})
                if area > areas.get(category, -1.0):
                    areas[category] = area
        except (KeyError, TypeError) as error:
            raise BadLabels(
                "labels.coco_entry", name=name, number=numbers[array], field=array
            ) from error
    if missing := [array for array in ARRAYS if not numbers[array]]:
        raise BadLabels("labels.not_coco", name=name, field=missing[0])
    if (
        unknown := {category for areas in largest.values() for category in areas}
        - categories.keys()
    ):
        raise BadLabels("labels.coco_category", name=name, text=str(sorted(unknown, key=str)[0]))
    return {
        files[picture]: tuple(
            categories[category] for category in sorted(areas, key=areas.__getitem__, reverse=True)
        )
        for picture, areas in largest.items()
        if picture in files
    }


def _entries(path: Path, name: str) -> Iterator[tuple[str, Any]]:
    try:
        with open_text(path) as file:
            for array, entry in JsonStream(file).entries():
                if array in ARRAYS:
                    yield array, entry
    except BadJson as error:
        raise BadLabels("labels.not_json", name=name, line=error.line) from error
    except UnicodeDecodeError as error:
        raise BadLabels("labels.not_text", name=name) from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _area(annotation: dict[str, Any]) -> float:
    """Return an object's area in square pixels, 0 if it is not known."""
    area = annotation.get("area")
    if _is_number(area):
        return float(area or 0)
    box = annotation.get("bbox")  # x, y, width, height
    if isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)):
        return float(box[2]) * float(box[3])
    return 0.0


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < 1e300 and math.isfinite(value)
