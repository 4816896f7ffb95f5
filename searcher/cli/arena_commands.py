"""Commands about the votes of the arena: arena, votes."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from searcher.cli.options import Json
from searcher.cli.output import aligned, counted, print_json
from searcher.cli.report_options import Language, Logo, Remarks, ReportFile, ReportOptions, Title
from searcher.cli.session import open_library

if TYPE_CHECKING:
    from searcher.presentation.reports import Section


def arena(
    report: ReportFile = None,
    title: Title = "",
    remarks: Remarks = "",
    logo: Logo = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Show the leaderboard of the arena's votes, and whether the labels agree."""
    options = ReportOptions(report, title, remarks, logo, language)
    options.check()
    with open_library() as library:
        from searcher.evaluation.arena_verdict import arena_verdict

        verdict = arena_verdict(library)
        titles = {model.name: model.display for model in library.registry.ready()}

        def sections() -> "list[Section]":
            from searcher.presentation.arena_section import arena_section

            return [arena_section(verdict, titles)]

        options.write(library, sections)
    if json:
        print_json(verdict.document(titles))
        return
    print(f"{counted(verdict.total, 'vote')}; [95 % interval of the score]")
    names = aligned(["model", *(standing.model for standing in verdict.standings)], 20)
    print(f"rank  {names[0]}votes  win rate  both bad  score")
    for name, standing in zip(names[1:], verdict.standings, strict=True):
        rank = standing.rank or "–"
        line = f"{rank:>4}  {name}{standing.games:>5}"
        if standing.rate is not None:
            line += f"  {standing.rate:>8.0%}  {standing.both_bad / standing.games:>8.0%}"
            line += f"  {standing.score:.0f} [{standing.low:.0f}, {standing.high:.0f}]"
        print(line)
    if verdict.total:
        print(f"first by the votes: {verdict.leader or 'too few votes yet'}")
    if verdict.best:
        precision = verdict.precisions[verdict.best]
        print(f"first by the labels: {verdict.best} (precision@10 {precision:.2f})")


def votes(
    models: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME…", help="Only votes in which these one or two competed."),
    ] = None,
    json: Json = False,
) -> None:
    """Print every vote of the arena, as CSV unless --json is given."""
    with open_library() as library:
        from searcher.evaluation.vote_export import vote_documents, votes_csv

        if json:
            print_json(vote_documents(library, models=models or ()))
            return
        sys.stdout.write(votes_csv(library, models or ()))
