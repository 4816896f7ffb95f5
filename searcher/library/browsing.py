"""Pages of the library, the latest pictures first."""

from searcher.stores.records import Record, RecordStore

PAGE = 48  # records that are shown at once


def browse(records: RecordStore, words: str, page: int) -> tuple[list[Record], bool]:
    """Return a page of records, and whether there are more.

    Reads the records of that page and no others.

    Args:
        records: Where they are.
        words: Only those whose name or label has all of these words, or parts of words, upper and
            lower case alike; all where there are none.
        page: The number of the page, from 0.

    Raises:
        StoreUnavailable: Redis does not answer.
    """
    start, wanted = page * PAGE, words.split()
    if not wanted:
        shown = records.newest(start, PAGE + 1)
        return shown[:PAGE], len(shown) > PAGE
    matches = records.index.search(wanted, start, PAGE + 1)
    shown = [record for record in records.get(matches[:PAGE]) if record is not None]
    return shown, len(matches) > PAGE
