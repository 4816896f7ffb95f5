"""What was added to the library, and what was skipped."""

import csv
import io

from markupsafe import Markup

from searcher.evaluation.vote_export import spreadsheet_safe
from searcher.indexing.report import Report
from searcher.ui.i18n import nrich, ntr, rich, sentence, tr
from searcher.ui.templating import render

SHOWN = 200  # skipped files; the CSV file has all


def added_html(report: Report, source: str = "") -> str:
    """Render what was added and skipped; `source` says of what."""
    return render(
        "added.html",
        report=report,
        stopped=report.stopped,
        summary=added_summary(report),
        source=source,
        shown=SHOWN,
        csv=skipped_csv(report),
    )


def added_summary(report: Report) -> Markup:
    """Return a sentence on what was added and skipped."""
    return rich(
        "{added}, {known}, {skipped}, in {seconds:.1f} s.",
        added=nrich("<b>{n}</b> added", "<b>{n}</b> added", n=report.added),
        known=ntr("{n} known", "{n} known", n=report.unchanged),
        skipped=ntr("{n} skipped", "{n} skipped", n=len(report.skipped)),
        seconds=report.seconds,
    )


def skipped_csv(report: Report) -> str:
    """Return the skipped files with the reasons, in the reader's language."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([tr("File"), tr("Why it was skipped")])
    for name, reason in report.skipped:
        writer.writerow([spreadsheet_safe(name), spreadsheet_safe(sentence(reason))])
    return out.getvalue()
