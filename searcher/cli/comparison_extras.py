"""What compare measures besides the hits, and its report."""

from dataclasses import dataclass
from typing import Any

from searcher.cli.output import printable
from searcher.library.core import Library
from searcher.presentation.comparison_section import comparison_section
from searcher.presentation.comparison_view import KEYS
from searcher.presentation.reasons import Reasons, find_reasons
from searcher.presentation.reports import Section
from searcher.presentation.steadiness import Robustness, measure_robustness
from searcher.search.query import Query
from searcher.search.results import Comparison


@dataclass(frozen=True)
class ComparisonExtras:
    """The robustness of the hits, and why the first of all models' hits were found."""

    robustness: Robustness | None
    reasons: list[Reasons]

    @classmethod
    def measure(
        cls,
        library: Library,
        query: Query,
        comparison: Comparison,
        k: int,
        where: str,
        is_robust: bool,
        why: int,
    ) -> "ComparisonExtras":
        """Measure what is asked for.

        Args:
            library: The library.
            query: The query.
            comparison: Its hits.
            k: How many hits each model has.
            where: A condition that hits must meet.
            is_robust: Whether robustness is measured.
            why: How many of the combined hits are explained.

        Raises:
            InvalidRequest: Robustness is asked for, and the query is no single picture.
            ModelNotReady: A model has no network.
        """
        names = [ranking.model for ranking in comparison.rankings]
        models = [library.registry.get(name) for name in names]
        robustness = measure_robustness(library, query, models, k, where) if is_robust else None
        letters = dict(zip(KEYS, names, strict=False))
        ids = [hit.record.id for hit in comparison.fused[:why]]
        found = [list(find_reasons(library, query, i, letters))[-1] for i in ids]
        return cls(robustness, found)

    def report(self, library: Library, query: Query, comparison: Comparison) -> list[Section]:
        """Return the section of the report."""
        return [
            comparison_section(
                library, query, comparison, robustness=self.robustness, reasons=self.reasons
            )
        ]

    def document(self) -> dict[str, Any]:
        """Return what is added to the `--json` document of `compare`."""
        document: dict[str, Any] = {}
        if self.robustness:
            names = self.robustness.names.values()
            document["robustness"] = {
                change: dict(zip(names, (round(share, 4) for share in shares), strict=True))
                for change, shares in self.robustness.survival.items()
            }
        if self.reasons:
            document["why"] = [reasons.document() for reasons in self.reasons]
        return document

    def print(self) -> None:
        """Print the same."""
        if self.robustness:
            names = list(self.robustness.names.values())
            print(f"hits that a changed query still finds: {', '.join(names)}")
            for change, shares in self.robustness.survival.items():
                print(f"  {change:<18}" + "".join(f"{share:>6.0%}" for share in shares))
        for reasons in self.reasons:
            print(f"why {printable(reasons.name)}?")
            for side in reasons.sides:
                places = ", ".join(f"{cells.label} {cells.strongest}" for cells in side.cells)
                print(f"  {side.title}: similarity {side.similarity:.2%}, {places}")
