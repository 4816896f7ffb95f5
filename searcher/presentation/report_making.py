"""Making a report of sections, and of what a person adds to them."""

from collections.abc import Sequence
from datetime import datetime

from searcher.images.pictures import open_picture
from searcher.library.core import Library
from searcher.presentation.report_pictures import encode_logo
from searcher.presentation.reports import Report, Section


def make_report(
    library: Library,
    sections: Sequence[Section],
    title: str = "",
    remarks: str = "",
    logo: tuple[bytes, str] | None = None,
) -> Report:
    """Make a report.

    Args:
        library: The library.
        sections: Its sections.
        title: Its title; "" for that of the sections.
        remarks: Plain text.
        logo: The bytes of a picture file and its name. It is encoded anew, so that nothing but
            pixels is left of it.

    Raises:
        BadImage: The logo is no picture; SVG is none.
        StoreUnavailable: Redis does not answer.
    """
    picture = encode_logo(open_picture(*logo).pixels) if logo else ""
    return Report(sections, library.records.count(), datetime.now(), title, remarks, picture)
