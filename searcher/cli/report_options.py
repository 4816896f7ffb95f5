"""Options of commands that can write their result as a report."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from searcher.library.core import Library
    from searcher.presentation.reports import Section

ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write a report with pictures, FILE.html, or its figures, FILE.csv or FILE.json.",
    ),
]
Title = Annotated[str, typer.Option("--title", metavar="T", help="The title of the report.")]
Remarks = Annotated[
    str, typer.Option("--remarks", metavar="T", help="Plain text at the top of the report.")
]
Logo = Annotated[Path | None, typer.Option("--logo", metavar="FILE", help="A picture at its top.")]
Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="The language of the report: en or es.")
]


@dataclass(frozen=True)
class ReportOptions:
    """The values of the options."""

    file: Path | None
    title: str = ""
    remarks: str = ""
    logo: Path | None = None
    language: str = "en"

    def check(self) -> None:
        """Raise BadParameter for values that can't be used, before anything is measured."""
        from searcher.messages.translate import languages
        from searcher.presentation.report_files import FORMATS

        if self.file is None:
            if self.title or self.remarks or self.logo:
                names = "--title, --remarks, --logo"
                raise typer.BadParameter("they need --report", param_hint=names)
            return
        if self._form not in FORMATS:
            raise typer.BadParameter(
                "its name must end in .html, .csv or .json", param_hint="--report"
            )
        if not self.file.parent.is_dir():
            raise typer.BadParameter("its folder does not exist", param_hint="--report")
        if self.logo and not os.access(self.logo, os.R_OK):
            raise typer.BadParameter("the file can't be read", param_hint="--logo")
        if self.language not in languages():
            names = ", ".join(languages())
            raise typer.BadParameter(f"it must be one of {names}", param_hint="--language")

    def write(self, library: "Library", make: "Callable[[], list[Section]]") -> None:
        """Write the report, if there is to be one.

        Args:
            library: The library.
            make: Returns its sections, in the language in use.

        Raises:
            BadImage: The logo can't be read.
            CannotWrite: The file can't be written.
            DiskFull: The disk is full.
        """
        if self.file is None:
            return
        from searcher.files import write_whole
        from searcher.presentation.report_files import write_report
        from searcher.presentation.report_making import make_report
        from searcher.presentation.wording import use_language

        with use_language(self.language):
            logo = (self.logo.read_bytes(), self.logo.name) if self.logo else None
            report = make_report(library, make(), self.title, self.remarks, logo)
            text = write_report(report, self._form)
        write_whole(self.file, text.encode())

    @property
    def _form(self) -> str:
        return self.file.suffix.lower().removeprefix(".") if self.file else ""
