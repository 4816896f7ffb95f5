"""How long installing a network takes: an estimate, which each installation here makes better."""

import platform
import time
from typing import NamedTuple

from searcher.messages.message import Message
from searcher.models.networks import HubNetwork, KerasNetwork, Network
from searcher.stores.records import RecordStore

DOWNLOADING = "hub.downloading"  # the stage that has megabytes
RATE = "megabytes_per_s"
# Until something was installed: a connection of 100 Mbit/s, and rough guesses of the seconds
# from the weights to a checked model file on two cores (Keras imports TensorFlow).
GUESSED_RATE = 12.5  # MB/s
GUESSED_S: dict[str, float] = {KerasNetwork.__name__: 60.0, HubNetwork.__name__: 30.0}
GUESSED_OTHERS_S = 20.0
MIN_MEGABYTES = 5.0  # of a download whose rate says something


class Estimate(NamedTuple):
    """Seconds that installing takes, at so many MB/s."""

    seconds: float
    rate: float


class Stopwatch:
    """Measures one installation by its stages."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last: tuple[float, float] | None = None  # when, and the megabytes of a file
        self.megabytes = 0.0
        self.download_s = 0.0
        self.other_s = 0.0

    def note(self, stage: Message) -> None:
        """Note a stage as it begins."""
        now = time.monotonic()
        done = stage.params.get("done") if stage.code == DOWNLOADING else None
        current = (now, float(done)) if isinstance(done, int | float) else None
        if self._last and current and current[1] >= self._last[1]:  # of the same file
            self.megabytes += current[1] - self._last[1]
            self.download_s += now - self._last[0]
        self._last = current
        self.other_s = now - self._began - self.download_s

    def end(self) -> None:
        """Note the end."""
        self.other_s = time.monotonic() - self._began - self.download_s


class InstallTimes:
    """The times of this machine, in Redis. Methods raise StoreUnavailable."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._name = f"install-times:{platform.node()}"

    def read(self) -> dict[str, str]:
        """Return what `estimate` needs: what was measured so far."""
        return self._records.note(self._name)

    def record(self, network: Network, watch: Stopwatch) -> None:
        """Store what an installation took."""
        self._records.amend_note(self._name, type(network).__name__, f"{watch.other_s:.1f}")
        if watch.megabytes >= MIN_MEGABYTES and watch.download_s > 0:
            rate = watch.megabytes / watch.download_s
            self._records.amend_note(self._name, RATE, f"{rate:.3f}")


def estimate(network: Network, measured: dict[str, str]) -> Estimate:
    """Return what installing a network is going to take.

    Args:
        network: The network. One of the same kind takes as long apart from its download.
        measured: Of `InstallTimes.read`.
    """
    kind = type(network).__name__
    rate = float(measured.get(RATE) or GUESSED_RATE)
    other_s = float(measured.get(kind) or GUESSED_S.get(kind, GUESSED_OTHERS_S))
    return Estimate(network.megabytes / rate + other_s, rate)
