"""What a repository of the Hugging Face Hub, its cache or a folder of the same layout has.

huggingface_hub asks the Hub, with its own cache, token, HF_ENDPOINT and HF_HUB_OFFLINE.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from httpx2 import TransportError
from huggingface_hub import HfApi, ModelInfo, constants, get_token, snapshot_download
from huggingface_hub.errors import IncompleteSnapshotError, OfflineModeIsEnabled

from searcher.errors import HubFailed
from searcher.hub_access.hub_failures import MB, HubRequest, gated, hub_errors
from searcher.messages.message import Message, message
from searcher.models.hub_layout import HubFiles, files_of, find_model, variants, with_text
from searcher.models.hub_reference import HubReference, default_name
from searcher.models.networks import HubNetwork

API_TIMEOUT_S = 10.0
COMMIT = re.compile(r"[0-9a-f]{40}")
MAX_LICENCE = 80  # letters
LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT", "cc-by-4.0": "CC BY 4.0"}


@dataclass(frozen=True)
class HubModel:
    """A model on the Hub, before it is downloaded, or in the Hub's cache."""

    reference: HubReference
    commit: str
    files: HubFiles
    licence: str = ""  # as the repository's card says it
    gated: bool = False
    sizes: dict[str, int] = field(default_factory=dict)  # bytes
    digests: dict[str, str] = field(default_factory=dict)  # SHA-256 of the large files
    variants: tuple[str, ...] = ()  # all that the repository has
    cached: Path | None = None  # the folder of the cache, if the Hub was not asked
    anonymous: bool = False  # whether the access token is not used

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(self.sizes.values())

    @property
    def text_bytes(self) -> int:
        """The size of the network for words, 0 if it has none of its own."""
        text = self.files.text
        own = set(text.networks) - {self.files.onnx, *self.files.data} if text else ()
        return sum(self.sizes.get(name, 0) for name in own)

    @property
    def token(self) -> bool | None:
        """What huggingface_hub takes as the access token: None for that of this machine's user."""
        return False if self.anonymous else None

    @property
    def summary(self) -> Message:
        """What a person should know before the download: size, licence and commit."""
        line = message(
            "hub.summary",
            name=self.reference.repository,
            variant=self.files.variant,
            commit=self.commit[:12],
            mb=round(self.bytes / MB, 1),
            licence=self.licence or message("hub.no_licence"),
        )
        if not self.text_bytes:
            return line
        return message("hub.summary_words", summary=line, mb=round(self.text_bytes / MB, 1))

    @property
    def pinned(self) -> str:
        """The source for a model file's metadata: `hf:OWNER/NAME@COMMIT`."""
        return str(HubReference(self.reference.owner, self.reference.name, self.commit))

    @property
    def name(self) -> str:
        """The default name of its model file."""
        return default_name(self.reference, self.files.variant)

    def network(self, name: str = "") -> HubNetwork:
        """Return what installs it, pinned to its commit, as the model `name`."""
        title = f"{self.reference.name} ({self.files.variant})"
        return HubNetwork(
            *(name or self.name, title, 0, self.licence),
            *(self.pinned, self.files.variant),
            megabytes=round(self.bytes / MB, 1),
            anonymous=self.anonymous,
        )

    def document(self) -> dict[str, Any]:
        """Return what is known of it as a JSON document.

        `mb` are the megabytes of all files, `mb_words` of these those of the network for words.
        """
        return {
            "repository": self.reference.repository,
            "commit": self.commit,
            "variant": self.files.variant,
            "variants": list(self.variants),
            "files": list(self.files.all),
            "mb": round(self.bytes / MB, 1),
            "mb_words": round(self.text_bytes / MB, 1),
            "licence": self.licence,
            "gated": self.gated,
            "name": self.name,
        }


def describe(
    reference: HubReference,
    variant: str | None = None,
    anonymous: bool = False,
    words: bool = True,
) -> HubModel:
    """Ask the Hub what a repository has; one request, or none with HF_HUB_OFFLINE.

    Args:
        reference: The repository.
        variant: The variant, as in hub_layout.VARIANTS, or None for the most precise one.
        anonymous: Whether not to use the token of this machine's user, so that the repository has
            to be public.
        words: Whether its text side is wanted, where it has one.

    Raises:
        HubFailed: There is no such repository, revision, file or variant, or the Hub and its cache
            can't be read.
    """
    request = HubRequest(reference.repository, reference.revision, anonymous=anonymous)
    with hub_errors(HubFailed, request):
        try:
            info = HfApi(token=False if anonymous else None).model_info(
                reference.repository,
                revision=reference.revision,
                files_metadata=True,
                timeout=API_TIMEOUT_S,
            )
        except (OfflineModeIsEnabled, TransportError):
            # What is in the cache of a user with a token may be private.
            cached = None if anonymous and get_token() else _cached(reference)
            if cached is None:
                raise
            return _describe_folder(reference, cached, variant, words)
        if anonymous and info.gated:  # the cache may have what the user was allowed to download
            raise HubFailed.of(gated(request))
        return replace(_described(reference, info, variant, words), anonymous=anonymous)


def _described(
    reference: HubReference, info: ModelInfo, variant: str | None, words: bool
) -> HubModel:
    siblings = {sibling.rfilename: sibling for sibling in info.siblings or ()}
    files = find_model(siblings, reference.repository, variant)
    files = with_text(files, siblings) if words else files
    if info.sha is None or not COMMIT.fullmatch(info.sha):
        raise HubFailed("hub.not_a_hub", url=constants.ENDPOINT)
    return HubModel(
        reference,
        info.sha,
        files,
        licence=_licence(info),
        gated=bool(info.gated),
        sizes={name: siblings[name].size or 0 for name in files.all},
        variants=tuple(variants(siblings)),
        digests={name: lfs.sha256 for name in files.all if (lfs := siblings[name].lfs) is not None},
    )


def _describe_folder(
    reference: HubReference, folder: Path, variant: str | None, words: bool
) -> HubModel:
    sizes = files_of(folder)
    files = find_model(sizes, reference.repository, variant)
    files = with_text(files, sizes) if words else files
    present = {name: size for name in files.all if (size := sizes[name]) is not None}
    return HubModel(
        *(reference, folder.name, files),
        sizes=present,
        variants=tuple(variants(sizes)),
        cached=folder,
    )


def _cached(reference: HubReference) -> Path | None:
    """Return the folder of a revision in the cache, if it is there."""
    try:
        return Path(
            snapshot_download(
                reference.repository, revision=reference.revision, local_files_only=True
            )
        )
    except IncompleteSnapshotError as error:  # other files of the repository are missing
        return Path(error.snapshot_path)
    except OSError:
        return None


def _licence(info: ModelInfo) -> str:
    """Return the licence of a repository's card, "" if it names none."""
    licence = getattr(info.card_data, "license", None)
    if licence == "other":
        licence = getattr(info.card_data, "license_name", None) or licence
    text = ", ".join(map(str, licence)) if isinstance(licence, list) else str(licence or "")
    return LICENCES.get(text, "".join(filter(str.isprintable, text))[:MAX_LICENCE])
