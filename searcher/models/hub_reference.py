"""Names of models on the Hugging Face Hub, `hf:OWNER/NAME[@REVISION]`."""

import re
from dataclasses import dataclass

from searcher.errors import HubFailed
from searcher.hub_access.hub_address import HUB_PREFIX, is_hub_address

DEFAULT_REVISION = "main"
MAX_LETTERS = 300
FULL = "fp32"  # the variant that a model's name does not mention
MAX_NAME = 50  # letters
# As huggingface_hub's validate_repo_id, which takes long to import.
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"({_PART})/({_PART})")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(?:/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
MAX_REPOSITORY = 96
FORBIDDEN = ("--", "..")


@dataclass(frozen=True)
class HubReference:
    """A repository on the Hub, and a branch, tag or commit of it."""

    owner: str
    name: str
    revision: str = DEFAULT_REVISION

    @property
    def repository(self) -> str:
        """`OWNER/NAME`."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        revision = "" if self.revision == DEFAULT_REVISION else f"@{self.revision}"
        return f"{HUB_PREFIX}{self.repository}{revision}"


def parse(text: str) -> HubReference:
    """Parse `hf:OWNER/NAME[@REVISION]`.

    Args:
        text: What somebody typed; spaces around it are ignored.

    Raises:
        HubFailed: It is no such name.
    """
    rest = text.strip().removeprefix(HUB_PREFIX)
    repository, at, revision = rest.partition("@")
    match = _REPOSITORY.fullmatch(repository)
    fits = (
        is_hub_address(text)
        and match is not None
        and len(text) <= MAX_LETTERS
        and len(repository) <= MAX_REPOSITORY
        and not any(part in repository for part in FORBIDDEN)
        and not repository.endswith(".git")
        and (not at or (_REVISION.fullmatch(revision) is not None and ".." not in revision))
    )
    if match is None or not fits:
        raise HubFailed("hub.reference", text=text.strip()[:80])
    return HubReference(match[1], match[2], revision or DEFAULT_REVISION)


def default_name(reference: HubReference, variant: str) -> str:
    """Return the name of the model file for a repository and a variant, such as dinov2-small-q8."""
    return named(re.sub("-onnx$", "", reference.name, flags=re.IGNORECASE), variant)


def named(stem: str, variant: str) -> str:
    """Return a valid name of a model file, in lower case; "" if nothing of `stem` is valid."""
    valid = re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("._-")[:MAX_NAME]
    return f"{valid}-{variant}" if valid and variant != FULL else valid
