"""The named endpoints about the votes of the arena; none votes, undoes or forgets."""

from typing import Any

from gradio.events import api as add_endpoint

from searcher.evaluation.arena_verdict import arena_verdict
from searcher.evaluation.vote_export import vote_documents
from searcher.library.core import Library
from searcher.ui.requests.arguments import read_count, read_models
from searcher.ui.requests.error_handling import show_errors
from searcher.ui.security.limits import costly
from searcher.ui.security.metered_library import charge

DEFAULT_VOTES = 1000
MAX_VOTES = 10_000


def add(library: Library) -> None:
    """Add the endpoints to the page that is being built."""

    @show_errors
    def arena() -> dict[str, Any]:
        """Return the leaderboard of blind votes between models, and whether the labels agree.

        Returns {"votes", "standings": [{"title", "model", "games", "wins", "ties", "both_bad",
        "rate", "score", "rank", "ci95"}], "leader", "p@10": {model: precision}, "best_by_labels",
        "agree"}. The score is Bradley-Terry's, where 400 points are odds of ten to one; its rank
        and the leader are null while there are too few votes.
        """
        charge(library)
        titles = {model.name: model.display for model in library.registry.ready()}
        return arena_verdict(library).document(titles)

    @show_errors
    def votes(latest: int = DEFAULT_VOTES, models: list[str] | None = None) -> list[dict[str, Any]]:
        """List the latest blind votes between models, oldest first.

        Returns [{"time", "kind", "query", "name", "text", "first", "first_title", "second",
        "second_title", "outcome", "winner", "winner_title", "blind"}]; `kind` is "picture", "words"
        or "own picture", `outcome` is "first", "second", "tie" or "both bad".

        Args:
            latest: How many, 1 to 10,000.
            models: One model or two: only votes in which all of these competed.
        """
        names, most = read_models(models, 2), read_count(latest, MAX_VOTES, DEFAULT_VOTES)
        charge(library)
        return vote_documents(library, most, names)

    add_endpoint(arena, api_name="arena", **costly("precision"))
    add_endpoint(votes, api_name="votes", concurrency_limit=2)
