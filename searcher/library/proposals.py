"""Networks that visitors bring: adopted beside the models, shown, and then accepted or not."""

import json
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searcher.config.constants import MODEL_FILES
from searcher.errors import NotFound
from searcher.export.adopt_choices import parse_choices
from searcher.export.install import GUESSED, READ, Installation
from searcher.export.scratch import is_in_use, scratch_folder
from searcher.files import disk_errors
from searcher.messages.message import Message
from searcher.models.model_files import is_vector_file, move_model, name_of
from searcher.models.model_names import check_name
from searcher.models.networks import ExternalNetwork
from searcher.models.text_format import is_text_file, text_file

TOKEN = re.compile(r"[0-9a-f]{16}")
EXPIRY_S = 3600.0
MOST = 8  # proposals that wait; the oldest give way
LOCK_LIMIT_S = 1.0  # a process that makes a model of the same name may take an hour

Report = Callable[[Message], None]


@dataclass(frozen=True)
class Proposal:
    """A model file that waits: what was read of the network, what was guessed, megabytes."""

    token: str
    name: str
    report: tuple[Message, ...]
    guesses: tuple[Message, ...]
    megabytes: float

    def document(self) -> dict[str, Any]:
        """Return it as a JSON document, with English sentences."""
        return {
            "token": self.token,
            "name": self.name,
            "report": [str(line) for line in self.report],
            "guesses": [str(guess) for guess in self.guesses],
            "mb": round(self.megabytes, 3),
        }


class Proposals:
    """The proposals of a library. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, models: Path) -> None:
        """Keep proposals in `folder`, until they are moved into the folder `models`."""
        self._folder = folder
        self._models = models

    def check_file(self, path: Path, name: str, choices: Mapping[str, Any]) -> "Check":
        """Prepare the check of an ONNX file as the model `name`; see `check`."""
        network = ExternalNetwork(
            name, name, 0, "", str(path.absolute()), choices=json.dumps(dict(choices))
        )
        return self.check(network)

    def check(self, network: ExternalNetwork) -> "Check":
        """Prepare the check of a network with the user's choices; see `Check.run`.

        Raises:
            InvalidRequest: A choice is not valid.
            CannotAdopt: Its name is not valid, or that of another model.
        """
        parse_choices(json.loads(network.choices or "{}"))
        check_name(network.name, self._models, force=False)
        return Check(network, self.new_folder())

    def new_folder(self) -> Path:
        """Return the path of a new proposal's folder, which does not exist yet."""
        self.expire()
        return self._folder / secrets.token_hex(8)

    def accept(self, token: str) -> str:
        """Move a proposal into the models folder, and return the model's name.

        Raises:
            NotFound: There is no such proposal (any more).
            CannotAdopt: Its name has been taken meanwhile.
            Locked: Another process is making a model of its name.
            DiskFull, CannotWrite: The file can't be moved.
        """
        folder = self._folder / token
        patterns = MODEL_FILES if TOKEN.fullmatch(token) else ()
        found = [path for pattern in patterns for path in folder.glob(pattern)]
        files = [path for path in found if not is_text_file(path)]
        if not files:
            raise NotFound("proposal.gone")
        name = name_of(files[0])
        target = self._models / files[0].name
        # The lock is that of every model of this name.
        with disk_errors(), scratch_folder(self._models / f"{name}.onnx", LOCK_LIMIT_S):
            check_name(name, self._models, force=False, of_vectors=is_vector_file(target))
            try:
                move_model(files[0], target)
            except FileNotFoundError as error:  # accepted twice at the same time
                raise NotFound("proposal.gone") from error
        shutil.rmtree(folder, ignore_errors=True)
        return name

    def expire(self) -> None:
        """Delete old proposals, and the oldest where there are too many; no check that runs."""
        folders = sorted(self._folder.glob("*"), key=_age)
        for number, folder in enumerate(folders):
            is_old = number >= MOST - 1 or _age(folder) > EXPIRY_S
            if is_old and not is_in_use(folder):  # a download may take more than an hour
                shutil.rmtree(folder, ignore_errors=True)


class Check:
    """The check of one network, in a separate process; any thread may call `cancel`."""

    def __init__(self, network: ExternalNetwork, folder: Path) -> None:
        self._folder = folder
        self._installation = Installation(network, "imagenet", folder)
        self.cancel = self._installation.cancel

    def run(self, report: Report) -> Proposal:
        """Adopt the network into a folder of its own.

        Args:
            report: Called with each stage.

        Returns:
            The proposal, which waits for an hour.

        Raises:
            InstallCancelled: `cancel` was called.
            ExportFailed: The network can't be used, or needs choices.
        """
        try:
            path = self._installation.run(report)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        findings = self._installation.findings
        files = [path, text_file(path.parent, path.stem)]
        return Proposal(
            self._folder.name,
            self._installation.name,
            tuple(findings[READ]),
            tuple(findings[GUESSED]),
            sum(file.stat().st_size for file in files if file.exists()) / 1e6,
        )


def _age(folder: Path) -> float:
    """Return the seconds since a proposal was made; 0 for one that is deleted meanwhile."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
