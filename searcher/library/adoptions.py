"""Networks of the Hugging Face Hub that somebody has asked for: stored until they are installed."""

import json
from dataclasses import asdict

from searcher.models.networks import HubNetwork
from searcher.stores.records import RecordStore

NOTE = "adoptions"


class Adoptions:
    """The requested networks beside the catalogue. Methods raise StoreUnavailable."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def networks(self) -> dict[str, HubNetwork]:
        """Return the requested networks by the names of their models."""
        stored = self._records.note(NOTE)
        return {name: HubNetwork(**json.loads(document)) for name, document in stored.items()}

    def add(self, network: HubNetwork) -> None:
        """Store a network, in place of one of the same name."""
        self._records.amend_note(NOTE, network.name, json.dumps(asdict(network)))

    def remove(self, name: str) -> None:
        """Forget a network; other names are ignored."""
        self._records.amend_note(NOTE, name, None)
