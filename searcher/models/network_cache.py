"""The networks in memory: each file is loaded once, the least recently used is released first."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from searcher.memory import trim_memory
from searcher.models.checks import Stamp

T = TypeVar("T")


class NetworkCache(Generic[T]):
    """Networks of one kind by their models' names. Safe to use from several threads."""

    def __init__(
        self,
        size: int,
        load: Callable[[str], T],
        stamp: Callable[[str], Stamp | None],
        on_release: Callable[[str], None] = lambda name: None,
    ) -> None:
        """Load nothing yet.

        Args:
            size: The number of networks in memory, those that are being loaded included. Networks
                that a caller refers to stay in memory.
            load: Loads the network of a name.
            stamp: Returns the state of a name's file.
            on_release: Called with the name of each network that is released.
        """
        self._size = size
        self._load = load
        self._stamp = stamp
        self._on_release = on_release
        self._loaded: OrderedDict[str, T] = OrderedDict()
        # Networks that an indexing run holds beyond the cache are not loaded again for a search.
        self._in_use: WeakValueDictionary[tuple[str, Stamp], T] = WeakValueDictionary()
        self._loads: set[str] = set()  # names of the networks that are being loaded
        self._lock = threading.Lock()  # guards these three; never held while a file is read
        # Two requests may arrive for a model that neither has loaded. There is one lock a model, so
        # that a loaded model is returned while another one is loaded.
        self._model_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._slots = threading.BoundedSemaphore(size)

    def get(self, name: str, stamp: Stamp) -> T | None:
        """Return the network of a file in one state; None where the file has changed since."""
        with self._lock:
            model_lock = self._model_locks[name]
        with model_lock:
            with self._lock:
                network = self._in_use.get((name, stamp))
            if network is None:
                with self._slots, self._room(name):
                    network = self._load(name)
            if self._stamp(name) != stamp:
                return None
            with self._lock:
                self._in_use[name, stamp] = network
                self._loaded[name] = network
                self._loaded.move_to_end(name)
            self._evict()
            return network

    def release(self, name: str) -> None:
        """Release a network's memory, unless a caller refers to it."""
        with self._lock:
            self._loaded.pop(name, None)
        self._on_release(name)

    @contextmanager
    def _room(self, name: str) -> Iterator[None]:
        """Make room in memory for a network, and keep it while the network is loaded."""
        with self._lock:
            self._loads.add(name)
            self._loaded.pop(name, None)  # of an earlier state of the file
        self._evict()
        try:
            yield
        finally:
            with self._lock:
                self._loads.discard(name)

    def _evict(self) -> None:
        """Release the least recently used networks beyond the size of the cache."""
        with self._lock:
            surplus = len(self._loaded) + len(self._loads) - self._size
            names = [self._loaded.popitem(last=False)[0] for _ in range(surplus)]
        for name in names:
            self._on_release(name)
        if names:
            trim_memory()
