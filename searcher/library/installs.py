"""What is to be installed and how that went: kept in Redis, so that a restart goes on with it."""

import json

from searcher.errors import NotFound
from searcher.export.install import explain_failed_download
from searcher.messages.message import Message, verbatim
from searcher.models.catalog import CATALOGUE
from searcher.models.registry import Model, ModelRegistry
from searcher.stores.records import RecordStore

WANTED, INSTALLING, FAILED, DECLINED = "wanted", "installing", "failed", "available"
NO_WEIGHTS = "install.no_weights"  # the reason that is told together for all that share it
OLD_NO_WEIGHTS = "weights"  # the same as earlier versions kept it


class Installs:
    """The networks that can be had but are not in the models folder. Raises StoreUnavailable."""

    def __init__(
        self, records: RecordStore, registry: ModelRegistry, by_default: tuple[str, ...]
    ) -> None:
        """`by_default` are wanted until somebody declines them or they fail."""
        self._records = records
        self._registry = registry
        self._by_default = by_default

    def models(self) -> list[Model]:
        """Each with its state: wanted, installing (how far), failed (why) or available."""
        present = self._registry.names()
        return [self._model(name) for name in CATALOGUE if name not in present]

    def pending(self) -> list[str]:
        """What is to be installed, also what was under way when a process ended."""
        return [model.name for model in self.models() if model.state in (WANTED, INSTALLING)]

    def problems(self) -> list[Message]:
        """One message for all networks without weights, one for each other failure."""
        failed = {m.name: m.reason for m in self.models() if m.state == FAILED and m.reason}
        without = [name for name, reason in failed.items() if reason.code == NO_WEIGHTS]
        others = [reason for name, reason in failed.items() if name not in without]
        return [explain_failed_download(without), *others] if without else others

    def want(self, name: str) -> None:
        """Ask for it, also once more after a failure. Raises NotFound for unknown names."""
        if name not in CATALOGUE:
            raise NotFound("install.unknown", name=name[:80])
        self._keep(name, WANTED)

    def advance(self, name: str, stage: Message) -> None:
        """Say how far it is."""
        self._keep(name, INSTALLING, stage)

    def fail(self, name: str, reason: Message) -> None:
        """It could not be installed, and is not tried again before it is asked for."""
        self._keep(name, FAILED, reason)

    def decline(self, name: str) -> None:
        """It is not wanted (any more); other names than the catalogue's are passed over."""
        if name in CATALOGUE:
            self._keep(name, DECLINED)

    def end(self, name: str) -> None:
        """It was cancelled; who has asked for it since then still wants it."""
        if self._note(name).get("state") == INSTALLING:
            self.decline(name)

    def forget(self, name: str) -> None:
        """Clear the install state after success."""
        self._records.note(f"install:{name}", {})

    def _keep(self, name: str, state: str, reason: Message | None = None) -> None:
        kept = json.dumps(reason.document()) if reason else ""
        self._records.note(f"install:{name}", {"state": state, "reason": kept})

    def _note(self, name: str) -> dict[str, str]:
        return self._records.note(f"install:{name}")

    def _model(self, name: str) -> Model:
        network = CATALOGUE[name]
        note = self._note(name)
        state = note.get("state") or (WANTED if name in self._by_default else DECLINED)
        return Model(
            name=name,
            state=state,
            reason=_reason(name, note.get("reason", "")),
            title=network.title,
            architecture=network.architecture,
            weights="ImageNet (Keras)",
            licence=network.licence,
        )


def _reason(name: str, kept: str) -> Message | None:
    """What was kept of an installation; earlier versions kept a sentence or a word."""
    if not kept:
        return None
    if kept == OLD_NO_WEIGHTS:
        return explain_failed_download([name])
    try:
        return Message.from_document(json.loads(kept))
    except ValueError:
        return verbatim(kept)
