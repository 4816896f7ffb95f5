"""Addresses of data sets, `hf:datasets/OWNER/NAME[/CONFIG][@REVISION]`, and what to take of one."""

import re
from dataclasses import dataclass

from searcher.errors import BadDataset
from searcher.hub_access.hub_address import HUB_PREFIX

MAX_ADDRESS = 300  # characters
_ADDRESS = re.compile(
    HUB_PREFIX + r"datasets/(?P<repository>[\w.-]+(?:/[\w.-]+)?)(?:/(?P<config>[\w./ +-]+?))?"
    r"(?:@(?P<revision>[\w./+-]+))?",
    re.ASCII,
)


@dataclass(frozen=True)
class DatasetReference:
    """A data set of the Hub.

    Attributes:
        repository: OWNER/NAME, or NAME alone for a data set without an owner.
        config: One of the data set's configurations, "" for its only or default one.
        revision: A branch, tag or commit; "" for the default branch.
    """

    repository: str
    config: str = ""
    revision: str = ""

    @property
    def name(self) -> str:
        """The repository's name without its owner."""
        return self.repository.split("/")[-1]


@dataclass(frozen=True)
class Selection:
    """What to take of a data set.

    Attributes:
        split: The split; "" for `train`, or for the only one.
        limit: The most rows that are read; 0 for all.
        label: The column of labels; "" for `label` or `labels`.
    """

    split: str = ""
    limit: int = 0
    label: str = ""


def parse_reference(text: str) -> DatasetReference:
    """Parse an address.

    Args:
        text: What was typed; spaces around it are ignored.

    Raises:
        BadDataset: It is not the address of a data set.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if not match or len(text) > MAX_ADDRESS or ".." in text:
        raise BadDataset("dataset.address", text=text.strip()[:80])
    return DatasetReference(match["repository"], match["config"] or "", match["revision"] or "")
