"""Messages about data sets of the Hub and files of labels."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "labels.not_text": "{name} is not UTF-8 text.",
    "labels.not_json": "{name} is not JSON: line {line:d} can't be read.",
    "labels.not_coco": "{name} is not in COCO's format: it has no {field}.",
    "labels.coco_entry": (
        "{name} is not in COCO's format: entry {number:d} of its {field} lacks something, or is "
        "malformed."
    ),
    "labels.coco_category": "{name} has an object of the category {text}, which it does not name.",
    "labels.csv_line": "Line {line:d} of {name} is not a path and a label, separated by a comma.",
    "labels.csv_conflict": "Line {line:d} of {name} gives a picture a second label.",
    "labels.no_match": (
        "{name} names none of these pictures: its paths must be relative to its own folder, or to "
        "the folder or archive that is added."
    ),
    "dataset.address": (
        "{text} is not the address of a data set: write hf:datasets/OWNER/NAME, with @REVISION "
        "for an earlier state."
    ),
    "dataset.no_parquet": (
        "The data set {name} has no Parquet files: download its pictures, and index their folder."
    ),
    "dataset.no_config": (
        "Choose one of the parts of {name}, as in hf:datasets/{name}/PART: {names}."
    ),
    "dataset.no_split": "The data set {name} has no split {text}, but these: {names}.",
    "dataset.choose_split": "Choose a split of the data set {name}: {names}.",
    "dataset.no_pictures": "The data set {name} has no column of pictures.",
    "dataset.no_column": (
        "The data set {name} has no column {text} that could be labels, but these: {names}."
    ),
    "dataset.damaged": "{name} can't be read: it is damaged, or not a Parquet file.",
    "dataset.elsewhere": "{name} is not in the data set, which has only its address.",
    "dataset.stopped": "The download was stopped.",
    "dataset.not_allowed": "Data sets can't be added here: ALLOW_URLS is 0.",
}
