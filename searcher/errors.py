"""Errors: each has a code and parameters, of which the page, API or command line makes a sentence.

Parameters must not contain paths of the server, because visitors see them.
"""

from typing import Self

from searcher.messages.message import Message


class TwinlensError(Exception):
    """Base of all errors that users see; `str()` is the English sentence."""

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
        """Make an error with a message's code and parameters."""
        return cls(message.code, **message.params)

    @property
    def code(self) -> str:
        """The error's key in the catalogue of messages, for programs."""
        return self.message.code

    def __str__(self) -> str:
        return str(self.message)


class BadImage(TwinlensError):
    """The bytes are not a picture that can be opened safely."""


class BadSource(TwinlensError):
    """A path to index is missing, or of a kind that is not read."""


class BadLabels(TwinlensError):
    """A file of labels is malformed, or names none of the pictures."""


class BadDataset(TwinlensError):
    """A data set of the Hub can't be reached or read, or lacks what was requested."""


class DownloadStopped(BadDataset):
    """The download of a data set was stopped."""


class InvalidRequest(TwinlensError):
    """An argument of a call has the wrong type or value, or is too large."""


class InvalidSetting(TwinlensError):
    """An environment variable has an invalid value, or one that can't be used here."""


class NotFound(TwinlensError):
    """There is nothing with the requested name or id."""


class NotAllowed(TwinlensError):
    """The requested action is not allowed for anybody."""


class ReadOnly(NotAllowed):
    """The settings allow no changes to the library."""


class NotEnoughLabels(TwinlensError):
    """No two pictures of the library share a label, so there is nothing to measure."""


class EvaluationStopped(TwinlensError):
    """A measurement or a check was stopped."""


class ArenaError(TwinlensError):
    """There is no vote to cast, or a vote can't be counted."""


class ModelNotReady(TwinlensError):
    """The model is not installed, is broken, or has no vector of a picture yet."""


class UnknownModel(ModelNotReady, NotFound):
    """There is no model of this name."""


class BrokenModel(ModelNotReady):
    """A model file does not meet the contract."""


class ExportFailed(TwinlensError):
    """A model file could not be exported."""


class CannotAdopt(ExportFailed):
    """An external ONNX file can't be converted to a model of the contract."""


class BadVectors(ExportFailed):
    """A file of vectors can't be read, or has none of a picture of the library."""


class InstallCancelled(ExportFailed):
    """The installation was cancelled."""


class WeightsUnavailable(ExportFailed):
    """The pretrained weights could not be downloaded, and are not cached."""


class HubFailed(ExportFailed):
    """A model can't be found on the Hugging Face Hub, or not be downloaded."""


class PublishFailed(TwinlensError):
    """The Hub refuses what is published, can't be reached, or there is nothing to publish."""


class TooManyCalls(TwinlensError):
    """A visitor has made more calls than are allowed in a minute."""


class BadBackup(TwinlensError):
    """A file is not a complete backup, or can't be restored here."""


class DiskFull(TwinlensError):
    """A file could not be written because the disk or a quota is full."""


class CannotWrite(TwinlensError):
    """A file could not be written for another reason, such as permissions or a read-only disk."""


class StrangeStores(TwinlensError):
    """Milvus or Redis may not belong to this data folder, so nothing is changed there."""


class ForeignStores(StrangeStores):
    """The stores belong to another library."""


class EmptyStores(StrangeStores):
    """The stores are empty although the data folder has pictures."""


class NoRoom(TwinlensError):
    """An upload would exceed the disk space for uploads."""


class StoreUnavailable(TwinlensError):
    """Milvus or Redis does not answer, or a call fails."""


class Locked(StoreUnavailable):
    """Another process has held a lock for too long; see file_locks.py."""


class LibraryClosed(StoreUnavailable):
    """The library was closed in this process."""


class DamagedCollection(StoreUnavailable):
    """Milvus answers, but can't use one collection; other models work."""
