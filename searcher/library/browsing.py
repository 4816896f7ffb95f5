"""Pages of the library, the latest pictures first."""

from searcher.stores.records import Record, RecordStore

PAGE = 48  # records that are shown at once
SCAN = 1000  # records that are read at once


def browse(records: RecordStore, words: str, page: int) -> tuple[list[Record], bool]:
    """Return a page of records, and whether there are more.

    Only those whose name or label has all of `words`, upper and lower case alike. Raises
    StoreUnavailable.
    """
    wanted = words.casefold().split()
    skip, start = page * PAGE, 0
    if not wanted:
        shown = records.newest(skip, PAGE + 1)
        return shown[:PAGE], len(shown) > PAGE
    found: list[Record] = []
    while part := records.newest(start, SCAN):
        start += SCAN
        for record in part:
            text = f"{record.name} {record.label}".casefold()
            if all(word in text for word in wanted):
                found.append(record)
        if len(found) > skip + PAGE:
            break
    return found[skip : skip + PAGE], len(found) > skip + PAGE
