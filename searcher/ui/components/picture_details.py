"""The details of one picture."""

from datetime import datetime

from searcher.errors import NotFound
from searcher.library.core import Library
from searcher.ui.i18n import date_and_time
from searcher.ui.templating import render


def picture_html(library: Library, picture_id: int) -> str:
    """Render a picture's record. Raises NotFound if it was removed."""
    (record,) = library.records.get([picture_id])
    if record is None:
        raise NotFound("picture.gone")
    return render(
        "picture.html",
        record=record,
        added=date_and_time(datetime.fromtimestamp(record.added)),
        removable=not library.settings.read_only,
    )
