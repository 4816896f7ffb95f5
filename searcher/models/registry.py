"""The registry: the model files of a folder, their state, and the networks in memory."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from searcher.errors import ModelNotReady, UnknownModel
from searcher.messages.message import Message, message
from searcher.models.checks import Check, Checks
from searcher.models.embedder import Embedder
from searcher.models.model_files import VECTORS, find_model
from searcher.models.network_cache import NetworkCache
from searcher.models.order import sort_key
from searcher.models.text_embedder import TextEmbedder
from searcher.models.text_format import TEXT, text_file
from searcher.models.verdicts import Verdicts
from searcher.types import Collection

if TYPE_CHECKING:
    from searcher.models.vector_file import VectorFile


@dataclass(frozen=True)
class Model:
    """A model: its file, or a network of the catalogue that can be installed.

    The `state` of a file is "ready", "broken" or "checking"; for the states of other models see
    installs.py. `reason` says why a model is not ready. Models that are not ready have no sizes and
    no digest; `download` are the megabytes that installing one downloads, which takes about
    `install_s` seconds at `megabits_per_s`. `words` says whether it understands words,
    `words_reason` why a text file beside it is not used. One of vectors from elsewhere `embeds`
    nothing: it has no network, and vectors of certain pictures only.
    """

    name: str
    state: str
    reason: Message | None = None
    title: str = ""
    architecture: str = ""
    weights: str = ""
    licence: str = ""
    dim: int = 0
    height: int = 0
    width: int = 0
    megabytes: float = 0.0
    digest: str = ""
    download: float = 0.0
    install_s: float = 0.0
    megabits_per_s: float = 0.0
    words: bool = False
    words_reason: Message | None = None
    embeds: bool = True

    @property
    def ready(self) -> bool:
        """Whether the model is ready for searches."""
        return self.state == "ready"

    @property
    def untrained(self) -> bool:
        """Whether the model's weights are random."""
        return self.embeds and self.weights.startswith("untrained")

    @property
    def display(self) -> str:
        """The name to show; that of an untrained network says so."""
        title = self.title or self.name
        return f"{title} (untrained)" if self.untrained else title

    @property
    def collection(self) -> Collection:
        """The collection of its vectors, whose name has the digest: a new file gets a new one."""
        # Milvus allows letters, digits and underscores only, and no digit first.
        safe = re.sub(r"\W", "_", self.name, flags=re.ASCII)
        prefix = "_" if safe[:1].isdigit() else ""
        return Collection(f"{prefix}{safe}_{self.digest[:8]}", self.dim)


class ModelRegistry:
    """The models of a folder. Safe to use from several threads."""

    def __init__(self, folder: Path, cache: int, verdicts: Path | None = None) -> None:
        """Load nothing yet.

        Args:
            folder: Of the model files.
            cache: The number of models in memory, those that are being loaded included; the least
                recently used is evicted first. Models that a caller refers to stay in memory.
            verdicts: The folder where verdicts on files are stored, if there is one.
        """
        self.folder = folder
        self.checks = Checks(folder, Verdicts(verdicts))
        self._texts = NetworkCache(
            cache, self._load_text, lambda name: self.checks.stamp(name + TEXT)
        )
        # A text network is released with its model's, so that its memory is bounded as well.
        self._images = NetworkCache(cache, self._load_image, self.checks.stamp, self._texts.release)

    def models(self) -> list[Model]:
        """Return every model, working or not, in the order of `sort_key`."""
        texts = {name: self.checks.begin(name + TEXT) for name in self.checks.text_names()}
        files = self._files().items()
        checks = [(self.checks.begin(file), texts.get(name)) for name, file in files]
        models = [self._model(check, text) for check, text in checks if check]
        return sorted(models, key=sort_key)

    def ready(self) -> list[Model]:
        """Return the models that are ready for searches."""
        return [model for model in self.models() if model.ready]

    def get(self, name: str) -> Model:
        """Return a working model.

        Raises:
            ModelNotReady: It is broken or still being checked; the message has the reason.
            UnknownModel: There is no such file.
        """
        return self._look_up(name)[1]

    def load(self, name: str) -> tuple[Model, Embedder]:
        """Return a working model and its network, both of the same state of the file.

        Raises:
            ModelNotReady: It is broken, still being checked or has no network; the message has the
                reason.
            UnknownModel: There is no such file.
        """
        while True:
            check, model = self._look_up(name)
            if not model.embeds:
                raise ModelNotReady("model.no_network", model=model.display)
            embedder = self._images.get(name, check.stamp)
            if embedder is not None:
                return model, embedder

    def load_text(self, name: str) -> TextEmbedder:
        """Return the text network of a working model.

        Raises:
            ModelNotReady: It does not understand words, is broken or still being checked; the
                message has the reason.
            UnknownModel: There is no such file.
        """
        while True:
            _, model = self._look_up(name)
            stamp = self.checks.stamp(name + TEXT)
            if not model.words or stamp is None:
                raise ModelNotReady("model.no_words", model=model.display)
            embedder = self._texts.get(name, stamp)
            # Its file may have been replaced by another image file's meanwhile.
            if embedder is not None and embedder.image_digest == model.digest:
                return embedder

    def open_vectors(self, name: str) -> tuple[Model, "VectorFile"]:
        """Open the file of a working model of vectors from elsewhere, for the caller to close.

        Raises:
            ModelNotReady: It is broken, still being checked or not of this kind.
            UnknownModel: There is no such file.
        """
        from searcher.models.vector_file import VectorFile  # pyarrow takes a while to import

        while True:
            check, model = self._look_up(name)
            file = VectorFile(self.folder / check.name)
            if self.checks.stamp(check.name) == check.stamp:
                return model, file
            file.close()

    def remove(self, name: str) -> None:
        """Delete a model's files and release its memory. Raises OSError."""
        # In this order an interrupted removal leaves a model that works.
        text_file(self.folder, name).unlink(missing_ok=True)
        (find_model(self.folder, name) or self.folder / f"{name}.onnx").unlink()
        self._images.release(name)

    def names(self) -> list[str]:
        """Return the names of all models, working or not."""
        return list(self._files())

    def _files(self) -> dict[str, str]:
        """Return what `checks` calls the main file of each model."""
        vectors = {name: f"{name}{VECTORS}" for name in self.checks.vector_names()}
        return vectors | {name: name for name in self.checks.names()}

    def _look_up(self, name: str) -> tuple[Check, Model]:
        # Names come from visitors: only a name in the listing becomes a path.
        file = self._files().get(name)
        check = self.checks.begin(file) if file else None
        if check is None:
            names = ", ".join(m.name for m in self.ready())
            if not names:
                raise UnknownModel("model.unknown_none_ready", name=name[:80])
            raise UnknownModel("model.unknown_choice", name=name[:80], names=names)
        model = self._model(check, self.checks.begin(name + TEXT))
        if model.reason:
            raise ModelNotReady.of(model.reason)
        return check, model

    def _model(self, image: Check, text: Check | None) -> Model:
        """Return the model that the checks of its files describe."""
        model = _model(self.checks.wait(image))
        if text is None or not model.ready or not model.embeds:
            return model
        reason = _text_reason(model, self.checks.wait(text))
        return replace(model, words=reason is None, words_reason=reason)

    def _load_image(self, name: str) -> Embedder:
        return Embedder(self.folder / f"{name}.onnx")

    def _load_text(self, name: str) -> TextEmbedder:
        return TextEmbedder(text_file(self.folder, name))


def _model(check: Check) -> Model:
    """Return the model that a check describes; its state is "checking" until the check ends."""
    name = check.name.removesuffix(VECTORS)
    embeds = name == check.name
    if not check.done.is_set() or not check.digest:
        state = "broken" if check.done.is_set() else "checking"
        return Model(name, state, check.reason, embeds=embeds)
    metadata = check.verdict.metadata
    return Model(
        name=name,
        state="ready",
        title=metadata.get("title") or name,
        architecture=metadata.get("architecture", ""),
        weights=metadata.get("weights", ""),
        licence=metadata.get("licence", ""),
        dim=check.verdict.dim,
        height=check.verdict.height,
        width=check.verdict.width,
        megabytes=check.stamp.size / 1e6,
        digest=check.digest,
        embeds=embeds,
    )


def _text_reason(model: Model, check: Check) -> Message | None:
    """Return why a model's text file is not used; None where it is."""
    if not check.done.is_set() or not check.digest:
        return check.reason
    digest = check.verdict.metadata.get("image_sha256")
    if digest != model.digest or check.verdict.dim != model.dim:
        name, file = f"{check.name}.onnx", f"{model.name}.onnx"
        return message("model.foreign_text", name=name, file=file)
    return None
