"""The state of each network's installation: stored in Redis, so that a restart continues it."""

import json

from searcher.errors import CannotAdopt, NotFound
from searcher.export.install import explain_failed_download
from searcher.library.adoptions import Adoptions
from searcher.library.install_times import InstallTimes, estimate
from searcher.messages.message import Message, verbatim
from searcher.models.catalog import CATALOGUE
from searcher.models.model_names import check_name
from searcher.models.networks import HubNetwork, Network, PipNetwork, WordsNetwork
from searcher.models.order import sort_key
from searcher.models.registry import Model, ModelRegistry
from searcher.stores.records import RecordStore

REQUESTED, INSTALLING, FAILED, AVAILABLE = "wanted", "installing", "failed", "available"
NO_WEIGHTS = "install.no_weights"  # networks that failed for this reason have one common message
# Networks whose weights are Python packages, so that nothing is downloaded.
BUNDLED = {name for name, network in CATALOGUE.items() if isinstance(network, PipNetwork)}
BITS_PER_BYTE = 8
LEGACY_NO_WEIGHTS = "weights"  # how earlier versions stored it


class Installs:
    """The networks without a model file: the catalogue's, and others of the Hub on request.

    Methods raise StoreUnavailable.
    """

    def __init__(
        self, records: RecordStore, registry: ModelRegistry, by_default: tuple[str, ...]
    ) -> None:
        """Those in `by_default` are requested until somebody declines them or they fail."""
        self._records = records
        self._registry = registry
        self._by_default = by_default
        self._adoptions = Adoptions(records)
        self.times = InstallTimes(records)

    def models(self) -> list[Model]:
        """Return each network; `state` is a constant above, `reason` the stage or the failure."""
        present = self._registry.names()
        times = self.times.read()
        networks = [n for n in self._networks().values() if n.name not in present]
        notes = self._records.notes(f"install:{network.name}" for network in networks)
        return [self._model(*pair, times) for pair in zip(networks, notes, strict=True)]

    def all_models(self) -> list[Model]:
        """Return every model, those with a file included, in the order of `sort_key`."""
        return sorted([*self._registry.models(), *self.models()], key=sort_key)

    def network(self, name: str) -> Network:
        """Return the network of a model's name.

        Raises:
            NotFound: Neither the catalogue has it nor has anybody asked for it.
        """
        network = self._networks().get(name)
        if network is None:
            raise NotFound("install.unknown", name=name[:80])
        return network

    def pending(self) -> list[str]:
        """Return the names of networks to install, with those that a process was installing.

        Those that need no download come first: they are ready in seconds.
        """
        names = [model.name for model in self.models() if model.state in (REQUESTED, INSTALLING)]
        return sorted(names, key=lambda name: name not in BUNDLED)

    def pending_bundled(self) -> list[str]:
        """Return the pending networks that need no download."""
        return [name for name in self.pending() if name in BUNDLED]

    def without_text(self) -> list[WordsNetwork]:
        """Return the networks for words whose files, as they were installed, lack the text file."""
        return [
            network
            for model in self._registry.ready()
            if isinstance(network := CATALOGUE.get(model.name), WordsNetwork)
            and model.architecture == network.architecture
            and not model.words
            and model.words_reason is None
        ]

    def problems(self) -> list[Message]:
        """Return one message for all networks without weights, and one for each other failure.

        The failures of networks of the Hub are shown with these only.
        """
        failed = {
            model.name: model.reason
            for model in self.models()
            if model.state == FAILED and model.reason and model.weights != HubNetwork.origin
        }
        without_weights = [name for name, reason in failed.items() if reason.code == NO_WEIGHTS]
        reasons = [reason for name, reason in failed.items() if name not in without_weights]
        return [explain_failed_download(without_weights), *reasons] if without_weights else reasons

    def request(self, name: str) -> None:
        """Request an installation, also again after a failure.

        Raises:
            NotFound: Neither the catalogue has it nor has anybody asked for it.
        """
        self._store(self.network(name).name, REQUESTED)

    def adopt(self, network: HubNetwork) -> None:
        """Request the installation of a network of the Hub that is not in the catalogue.

        Raises:
            CannotAdopt: Its name is not valid, or that of another model, or of one to come.
        """
        check_name(network.name, self._registry.folder, force=False)
        present = self._adoptions.networks().get(network.name)
        if present not in (None, network) and network.name in self.pending():
            raise CannotAdopt("adopt.name_exists", name=network.name)
        self._adoptions.add(network)
        self._store(network.name, REQUESTED)

    def advance(self, name: str, stage: Message) -> None:
        """Store the stage that an installation has reached."""
        self._store(name, INSTALLING, stage)

    def fail(self, name: str, reason: Message) -> None:
        """Store why an installation failed; it is not tried again until it is requested."""
        self._store(name, FAILED, reason)

    def decline(self, name: str) -> None:
        """Withdraw the request for a network; other names are ignored."""
        if name in CATALOGUE:
            self._store(name, AVAILABLE)
        else:
            self.forget(name)

    def end(self, name: str) -> None:
        """Store that an installation was cancelled, unless it was requested again since."""
        if self._records.note(f"install:{name}").get("state") == INSTALLING:
            self.decline(name)

    def forget(self, name: str) -> None:
        """Clear the install state after success."""
        self._adoptions.remove(name)
        self._records.note(f"install:{name}", {})

    def _store(self, name: str, state: str, reason: Message | None = None) -> None:
        document = json.dumps(reason.document()) if reason else ""
        self._records.note(f"install:{name}", {"state": state, "reason": document})

    def _networks(self) -> dict[str, Network]:
        return {**self._adoptions.networks(), **CATALOGUE}

    def _model(self, network: Network, note: dict[str, str], times: dict[str, str]) -> Model:
        name = network.name
        expected = estimate(network, times)
        state = note.get("state") or (REQUESTED if name in self._by_default else AVAILABLE)
        return Model(
            name=name,
            state=state,
            reason=_reason(name, note.get("reason", "")),
            title=network.title,
            architecture=network.architecture,
            weights=network.origin,
            licence=network.licence,
            download=network.megabytes,
            install_s=expected.seconds,
            megabits_per_s=BITS_PER_BYTE * expected.rate,
        )


def _reason(name: str, stored: str) -> Message | None:
    """Read a stored stage or failure; earlier versions stored a sentence or a word."""
    if not stored:
        return None
    if stored == LEGACY_NO_WEIGHTS:
        return explain_failed_download([name])
    try:
        return Message.from_document(json.loads(stored))
    except ValueError:
        return verbatim(stored)
