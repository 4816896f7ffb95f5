"""What is to be installed and how that went: kept in Redis, so that a restart goes on with it."""

from searcher.errors import ModelNotReady
from searcher.export.catalogue import CATALOGUE, PipNetwork
from searcher.export.install import explain_missing
from searcher.models import Model, Zoo
from searcher.stores.records import RecordStore

WANTED, INSTALLING, FAILED, DECLINED = "wanted", "installing", "failed", "available"
NO_WEIGHTS = "weights"  # the reason that is put into words together for all that share it


class Installs:
    """The networks that can be had but are not in the models folder. Raises StoreUnavailable."""

    def __init__(self, records: RecordStore, zoo: Zoo, by_default: tuple[str, ...]) -> None:
        """`by_default` are wanted until somebody declines them or they fail."""
        self._records = records
        self._zoo = zoo
        self._by_default = by_default

    def models(self) -> list[Model]:
        """Each with its state: wanted, installing (how far), failed (why) or available."""
        present = self._zoo.names()
        return [self._model(name) for name in CATALOGUE if name not in present]

    def pending(self) -> list[str]:
        """What is to be installed, also what was under way when a process ended.

        What needs no download comes first: it is there in seconds.
        """
        names = [model.name for model in self.models() if model.state in (WANTED, INSTALLING)]
        return sorted(names, key=lambda name: not isinstance(CATALOGUE[name], PipNetwork))

    def at_hand(self) -> list[str]:
        """Those of the pending ones that need no download."""
        return [name for name in self.pending() if isinstance(CATALOGUE[name], PipNetwork)]

    def problems(self) -> list[str]:
        """One sentence for all networks without weights, one for each other failure."""
        failed = [model for model in self.models() if model.state == FAILED]
        without = [m.name for m in failed if self._note(m.name).get("reason") == NO_WEIGHTS]
        sentences = [explain_missing(without)] if without else []
        return sentences + [model.reason for model in failed if model.name not in without]

    def want(self, name: str) -> None:
        """Ask for it, also once more after a failure. Raises ModelNotReady for unknown names."""
        if name not in CATALOGUE:
            raise ModelNotReady(f"{name[:80]} is not a network that can be installed.")
        self._keep(name, WANTED)

    def advance(self, name: str, stage: str) -> None:
        """Say how far it is."""
        self._keep(name, INSTALLING, stage)

    def fail(self, name: str, reason: str) -> None:
        """It could not be installed, and is not tried again before it is asked for."""
        self._keep(name, FAILED, reason)

    def decline(self, name: str) -> None:
        """It is not wanted (any more)."""
        self._keep(name, DECLINED)

    def forget(self, name: str) -> None:
        """It is there; should its file go, it is as if nobody had ever asked."""
        self._records.note(f"install:{name}", {})

    def _keep(self, name: str, state: str, reason: str = "") -> None:
        self._records.note(f"install:{name}", {"state": state, "reason": reason})

    def _note(self, name: str) -> dict[str, str]:
        return self._records.note(f"install:{name}")

    def _model(self, name: str) -> Model:
        network = CATALOGUE[name]
        note = self._note(name)
        state = note.get("state") or (WANTED if name in self._by_default else DECLINED)
        reason = note.get("reason", "")
        return Model(
            name=name,
            state=state,
            reason=explain_missing([name]) if reason == NO_WEIGHTS else reason,
            title=network.title,
            architecture=network.architecture,
            weights=network.origin,
            licence=network.licence,
        )
