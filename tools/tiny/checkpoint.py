"""The state of a run on disk: there is always a whole one, whenever the run is killed."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from searcher.errors import TwinlensError
from tools.tiny.config import Config
from tools.tiny.network import Network

FORMAT = 1


@dataclass
class Checkpoint:
    """Everything that a run goes on from and that the export needs.

    There are no states of random generators: each step draws from one that is seeded with the
    run's seed and the step's number, so a resumed run draws what an uninterrupted one would.
    """

    config: Config
    kinds: list[str]
    key: str  # of the training set
    pictures: str  # names for the metadata of the model file
    teacher: str
    mean: Tensor  # [T], of the teacher's unit vectors
    directions: Tensor  # [T, dim]
    network: dict[str, Tensor]
    optimiser: dict[str, Any] = field(default_factory=dict)
    step: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0  # of the steps since the last entry of the history
    loss_steps: int = 0
    history: list[dict[str, float]] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write to a temporary name, then move: a reader sees the old state or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            torch.save(vars(self) | {"config": asdict(self.config), "format": FORMAT}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read a checkpoint. Raises TwinlensError where the file is none."""
        try:
            stored = torch.load(path, map_location="cpu", weights_only=True)
            if stored.pop("format") != FORMAT:
                raise ValueError("unknown format")
            return cls(**stored | {"config": Config(**stored["config"])})
        except FileNotFoundError:
            raise TwinlensError(f"There is no checkpoint {path.name}.") from None
        except Exception as error:  # torch.load and unpickling raise whatever they like
            raise TwinlensError(f"{path.name} is not a checkpoint of this program.") from error

    def restored(self) -> Network:
        """Return the network with the weights of this state."""
        network = Network(self.config, len(self.kinds))
        network.load_state_dict(self.network)
        return network
