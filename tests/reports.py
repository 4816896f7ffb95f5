"""Reports that tests look at."""

from datetime import datetime

from searcher.library.core import Library
from searcher.presentation.comparison_section import comparison_section
from searcher.presentation.report_files import HTML, write_report
from searcher.presentation.reports import Report, Section
from searcher.search.query import Query
from searcher.search.results import Comparison

WHEN = datetime(2026, 11, 27, 7, 30)


def report_of(*sections: Section, title: str = "", remarks: str = "") -> Report:
    """A report of sections, made at WHEN."""
    return Report(sections, 12, WHEN, title, remarks)


def page_of(library: Library, query: Query, comparison: Comparison) -> str:
    """The HTML of a report of a comparison."""
    return write_report(report_of(comparison_section(library, query, comparison)), HTML)
