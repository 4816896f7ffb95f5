"""Text files. A row's value is the file's name, and its bytes.

What is accepted reads like the plain text of its name in PLAIN.
"""

import codecs

from tests.hostile.row import ACCEPTED, Row

PLAIN = {
    "labels.csv": "path,label\nä.jpg,Größe\nb.jpg,写真\n",
    "labels.tsv": "path\tlabel\nä.jpg\tGröße\nb.jpg\t写真\n",
    "coco.json": '{"images": [{"id": 1, "file_name": "ä.jpg"}], "categories": [{"id": 2, "name": '
    '"Größe"}], "annotations": [{"image_id": 1, "category_id": 2, "area": 5}]}',
    "judged.qrels": "q1 0 ä.jpg 1\nq2 0 b c.jpg 0\n",
    "judged.csv": "query,picture,relevance\nä.jpg,b.jpg,1\n",
    "queries.txt": "ä.jpg\nb.jpg\n",
    "ids.txt": "ä.jpg\nb.jpg\n",
    "ids.csv": "path,other\nä.jpg,1\nb.jpg,2\n",
    "preprocess_cfg.json": '{"mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2], "size": [32, 32]}',
    "tokenizer.json": '{"version": "1.0", "model": {"type": "WordLevel", "vocab": {"ä": 0}, '
    '"unk_token": "ä"}}',
    "people": "ada:Größe\n",
}
MARKS = {
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16 LE with a mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 BE with a mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-32 with a mark": (codecs.BOM_UTF32_LE, "utf-32-le"),
}
WHY = {
    "UTF-8 with a mark": "Excel and Windows' editors write it",
    "UTF-16 LE with a mark": "Excel writes it as Unicode text",
    "UTF-16 BE with a mark": "some programs write it",
    "UTF-32 with a mark": "the mark says so",
}
MARKED = tuple(
    Row(f"{name} in {form}", (name, mark + text.encode(encoding)), ACCEPTED, WHY[form])
    for name, text in PLAIN.items()
    for form, (mark, encoding) in MARKS.items()
    if form.startswith("UTF-8") or name in ("labels.csv", "labels.tsv", "judged.qrels", "coco.json")
)
NO_TEXT = "is not UTF-8 text"
ROWS = (
    *MARKED,
    Row(
        "labels.csv in UTF-16 without a mark",
        ("labels.csv", PLAIN["labels.csv"].encode("utf-16-le")),
        ACCEPTED,
        "its zeros tell",
    ),
    Row(
        "labels.csv in Windows' Western encoding",
        ("labels.csv", "ä.jpg,Größe\n".encode("cp1252")),
        NO_TEXT,
        "which encoding it is can't be known",
    ),
    Row(
        "labels.csv with half a character of UTF-16",
        ("labels.csv", codecs.BOM_UTF16_LE + b"a"),
        NO_TEXT,
        "it was cut off",
    ),
    Row(
        "queries.txt with only a mark", ("queries.txt", codecs.BOM_UTF8), "names no", "it is empty"
    ),
    Row("people in Latin-1", ("people", "ada:Größe".encode("latin-1")), "UTF-8", "an old editor"),
    Row(
        "labels.csv with line ends of Windows",
        ("labels.csv", PLAIN["labels.csv"].replace("\n", "\r\n").encode()),
        ACCEPTED,
        "any line ends",
    ),
    *(
        Row(
            f"{name} with line ends of old Macs",
            (name, PLAIN[name].replace("\n", "\r").encode()),
            ACCEPTED,
            "Excel calls it CSV (Macintosh)",
        )
        for name in ("labels.csv", "judged.csv", "ids.csv")
    ),
    Row(
        "labels.csv with semicolons",
        ("labels.csv", PLAIN["labels.csv"].replace(",", ";").encode()),
        ACCEPTED,
        "spreadsheets write them where commas are decimal signs",
    ),
)
