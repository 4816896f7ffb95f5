"""What can go wrong: each error has a code and its values, and the sentence is made at the edge.

Values never are paths of the server: the interface shows them to visitors as they are.
"""

from typing import Self

from searcher.messages.message import Message


class TwinlensError(Exception):
    """Base of all errors that are told to people; `str()` is the English sentence."""

    def __init__(self, code: str, /, **params: object) -> None:
        """Make an error.

        Args:
            code: A key of the catalogue of messages.
            params: The values of its template.
        """
        self.message = Message(code, params)
        super().__init__(code)

    @classmethod
    def of(cls, message: Message) -> Self:
        """The error that a message tells of."""
        return cls(message.code, **message.params)

    @property
    def code(self) -> str:
        """What went wrong, for programs."""
        return self.message.code

    def __str__(self) -> str:
        return str(self.message)


class BadImage(TwinlensError):
    """The bytes are not a picture that can be opened safely."""


class BadSource(TwinlensError):
    """A path given for indexing is missing or of a kind that is never read."""


class InvalidRequest(TwinlensError):
    """A call brings something of the wrong kind, or more than it may."""


class InvalidSetting(TwinlensError):
    """An environment variable has a value that makes no sense, or can't be used here."""


class NotFound(TwinlensError):
    """What was asked for by its name or id is not there (any more)."""


class NotAllowed(TwinlensError):
    """What was asked for may not be done, whoever asks."""


class ReadOnly(NotAllowed):
    """Something was to be changed in a library that may only be looked at."""


class NotEnoughLabels(TwinlensError):
    """No two pictures of the library share a label, so there is nothing to measure."""


class ArenaError(TwinlensError):
    """There is nothing to vote on, or a vote can't be counted."""


class ModelNotReady(TwinlensError):
    """The model is not installed or broken, or has not indexed a picture yet."""


class UnknownModel(ModelNotReady, NotFound):
    """There is no model of this name."""


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


class Locked(StoreUnavailable):
    """Another process does not let go of a lock; see file_locks.py."""


class LibraryClosed(StoreUnavailable):
    """The library was closed in this process."""


class DamagedCollection(StoreUnavailable):
    """Milvus answers, but can't use one collection: only the model that it belongs to."""
