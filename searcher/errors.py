"""What can go wrong, each with a sentence that a person can act on.

Messages never carry a path of the server: the interface shows them to visitors as they are.
"""


class TwinlensError(Exception):
    """Base of all errors whose text is meant for the user."""


class BadImage(TwinlensError):
    """The bytes are not a picture that can be opened safely."""


class BadSource(TwinlensError):
    """A path given for indexing is missing or of a kind that is never read."""


class NotFound(TwinlensError):
    """What was asked for by its name is not there (any more)."""


class NotEnoughLabels(TwinlensError):
    """No two pictures of the library share a label, so there is nothing to measure."""


class ArenaError(TwinlensError):
    """There is nothing to vote on, or a vote can't be counted."""


class ModelNotReady(TwinlensError):
    """The model is unknown, not installed or broken."""


class BrokenModel(ModelNotReady):
    """A model file does not fulfil the contract."""


class ExportFailed(TwinlensError):
    """A model file could not be made."""


class CannotAdopt(ExportFailed):
    """A foreign ONNX file can't be turned into a model of the contract."""


class InstallCancelled(ExportFailed):
    """Somebody stopped the installation."""


class WeightsUnavailable(ExportFailed):
    """The pretrained weights could not be had: no network, no cached copy."""


class InvalidRequest(TwinlensError):
    """A call brings something of the wrong kind, or more than it may."""


class ReadOnly(TwinlensError):
    """Something was to be changed in a library that may only be looked at."""


class TooManyCalls(TwinlensError):
    """A visitor asks for more than each may have in a minute."""


class BadBackup(TwinlensError):
    """A file is no whole backup, or can't be restored here."""


class DiskFull(TwinlensError):
    """A file could not be written because the disk, or somebody's share of it, is full."""


class CannotWrite(TwinlensError):
    """A file could not be written for another reason: permissions, a damaged or read-only disk."""


class StrangeStores(TwinlensError):
    """Milvus or Redis is not known to be this data folder's, so nothing is changed there."""


class ForeignStores(StrangeStores):
    """They belong to another library."""


class EmptyStores(StrangeStores):
    """They are empty beside a data folder that has pictures."""


class NoRoom(TwinlensError):
    """What is sent would take more of the disk than uploads may."""


class StoreUnavailable(TwinlensError):
    """Milvus or Redis does not answer, or can't do what it is asked."""

    @classmethod
    def because(cls, store: str, error: Exception, otherwise: str) -> "StoreUnavailable":
        """Say what a store's error means where people can do something about it."""
        said = str(error)
        if "No space left on device" in said:
            return cls(
                f"The disk of {store} is full. Free some space; work then goes on by itself."
            )
        if "Read-only file system" in said:
            return cls(
                f"The disk of {store} can only be read: set TWINLENS_DATA to another folder."
            )
        return cls(otherwise)


class Locked(StoreUnavailable):
    """Another process does not let go of a lock; see file_locks.py."""


class LibraryClosed(StoreUnavailable):
    """The library was closed in this process."""


class DamagedCollection(StoreUnavailable):
    """Milvus answers, but can't use one collection: only the model that it belongs to."""
