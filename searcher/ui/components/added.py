"""What was added to the library, and what was skipped."""

from markupsafe import Markup

from searcher.indexing.report import Report
from searcher.ui import toasts
from searcher.ui.i18n import nrich, ntr, rich, tr
from searcher.ui.templating import render


def added_html(report: Report, source: str = "") -> str:
    """Render what was added and skipped, and show it as a toast; `source` says of what."""
    summary = added_summary(report)
    toasts.info(summary, title=tr("Added"))
    parts = {"report": report, "stopped": report.stopped, "summary": summary, "source": source}
    return render("added.html", **parts)


def added_summary(report: Report) -> Markup:
    """Return a sentence on what was added and skipped."""
    return rich(
        "{added}, {known}, {skipped}, in {seconds:.1f} s.",
        added=nrich("<b>{n}</b> added", "<b>{n}</b> added", n=report.added),
        known=ntr("{n} known", "{n} known", n=report.unchanged),
        skipped=ntr("{n} skipped", "{n} skipped", n=len(report.skipped)),
        seconds=report.seconds,
    )
