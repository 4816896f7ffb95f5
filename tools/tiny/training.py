"""Distil a teacher: learn the direction of its vectors by cosine loss, and the labels beside it."""

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from searcher.errors import TwinlensError
from tools.command import say
from tools.tiny.augment import augment
from tools.tiny.checkpoint import Checkpoint
from tools.tiny.config import Config
from tools.tiny.data import TrainingSet
from tools.tiny.network import Network, normalised
from tools.tiny.targets import principal_directions

BAR = "{l_bar}{bar}| {elapsed}<{remaining}{postfix}"
MIN_STEPS = 10  # between two entries of the history
ORDER, STEP = 0, 1  # what a generator is for: the order of an epoch, the crops of a step


@dataclass(frozen=True)
class Length:
    """How long a run is, in minutes or in epochs (passes over the pictures)."""

    minutes: float | None
    epochs: int | None

    def share(self, seconds: float, epochs: float) -> float:
        """How much of the run is over, 0 to 1."""
        done = epochs / self.epochs if self.epochs else seconds / 60 / (self.minutes or 1)
        return min(1.0, done)


def rate(config: Config, share: float) -> float:
    """The learning rate: a short rise, then half a cosine (Loshchilov and Hutter, ICLR 2017)."""
    warm = min(1.0, share / config.warm_up)
    return config.peak_rate * warm * 0.5 * (1 + math.cos(math.pi * share)) + config.last_rate


def choose_device(name: str) -> torch.device:
    """Return the device named, or for "auto" a GPU where PyTorch has one and else the CPU.

    Raises TwinlensError where PyTorch can't use it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise TwinlensError(f"PyTorch can't use a device {name} here.") from error


def first_state(config: Config, data: TrainingSet, pictures: str, teacher: str) -> Checkpoint:
    """Return the state before the first step; the names are those of pictures and teacher.

    Raises TwinlensError where the teacher has nothing to teach.
    """
    mean, directions, kept = principal_directions(data, config.dim)
    say(f"{config.dim} directions keep {kept:.0%} of the variance of the teacher's vectors.")
    torch.manual_seed(config.seed)
    return Checkpoint(
        config=config,
        kinds=data.kinds,
        key=data.key,
        pictures=pictures,
        teacher=teacher,
        mean=torch.from_numpy(mean).float(),
        directions=torch.from_numpy(directions).float(),
        network=Network(config, len(data.kinds)).state_dict(),
    )


class Training:
    """A run: what it learns from, how far it is, and the step it does over and over."""

    def __init__(self, data: TrainingSet, state: Checkpoint, device: torch.device) -> None:
        self.data, self.state, self.device = data, state, device
        config = self.config = state.config
        self.network = state.restored().to(device, memory_format=torch.channels_last)
        weights = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        self._optimiser = torch.optim.SGD(
            [
                {"params": weights, "weight_decay": config.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=config.last_rate,
            momentum=config.momentum,
            nesterov=True,
        )
        if state.optimiser:
            self._optimiser.load_state_dict(state.optimiser)
        self._mean, self._directions = state.mean.to(device), state.directions.to(device)
        shuffled = np.random.default_rng(config.seed).permutation(data.rows)
        held_out = min(config.held_out, len(shuffled) // 10)
        self._held_out, self._rows = shuffled[:held_out], shuffled[held_out:]
        self._batch = min(config.batch, len(self._rows))
        self.steps_per_epoch = len(self._rows) // self._batch
        # After every epoch; with few pictures after several, or most of the run were measuring.
        self._measured_every = self.steps_per_epoch * -(-MIN_STEPS // self.steps_per_epoch)
        self._epoch, self._order = -1, np.empty(0, np.int64)  # the order of which epoch

    def run(self, length: Length, path: Path, save_every: float) -> None:
        """Train to the end of `length`, with a checkpoint every so many seconds and at the end."""
        state = self.state
        started = time.monotonic() - state.seconds
        saved = time.monotonic()
        initial = self._share(length)
        with tqdm(total=1.0, initial=initial, bar_format=BAR, disable=None) as bar:
            while (share := self._share(length)) < 1:
                bar.update(share - bar.n)
                state.loss_sum += self.step(self._next_rows(), share)
                state.loss_steps += 1
                state.step += 1
                bar.set_postfix_str(f"loss {state.loss_sum / state.loss_steps:.3f}")
                if state.step % self._measured_every == 0:
                    self._measure_up()
                state.seconds = time.monotonic() - started
                if time.monotonic() - saved >= save_every:
                    self.save(path)
                    saved = time.monotonic()
        if state.loss_steps:
            self._measure_up()
        self.save(path)

    def save(self, path: Path) -> None:
        """Write the checkpoint."""
        self.state.network = self.network.state_dict()
        self.state.optimiser = self._optimiser.state_dict()
        self.state.save(path)

    def step(self, rows: np.ndarray, share: float) -> float:
        """One step of gradient descent over some pictures; returns the loss."""
        config = self.config
        for group in self._optimiser.param_groups:
            group["lr"] = rate(config, share)
        side = config.early_size if share < config.early else config.size
        generator = self._generator(STEP, self.state.step)
        pictures, targets, labels = self._load(rows)
        self.network.train()
        embedding, logits = self.network(
            normalised(augment(pictures, side, config, generator), config)
        )
        loss = config.cosine_weight * (1 - functional.cosine_similarity(embedding, targets).mean())
        loss = loss + functional.cross_entropy(logits, labels, label_smoothing=config.smoothing)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        return float(loss.item())

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Mean cosine with the teacher and share of right labels over the held-out pictures."""
        self.network.eval()
        cosine = right = 0.0
        for start in range(0, len(self._held_out), self._batch):
            pictures, targets, labels = self._load(self._held_out[start : start + self._batch])
            embedding, logits = self.network(normalised(pictures, self.config))
            cosine += functional.cosine_similarity(embedding, targets).sum().item()
            right += (logits.argmax(1) == labels).sum().item()
        count = len(self._held_out)
        return {"cosine": cosine / count, "top1": right / count} if count else {}

    def _next_rows(self) -> np.ndarray:
        """The pictures of the step to come: every epoch has an order of its own."""
        epoch, number = divmod(self.state.step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = self._generator(ORDER, epoch)
            self._epoch = epoch
            self._order = torch.randperm(len(self._rows), generator=generator).numpy()
        return self._rows[self._order[number * self._batch : (number + 1) * self._batch]]

    def _measure_up(self) -> None:
        """Put an entry into the history, with the mean loss since the last one."""
        state = self.state
        figures = {"loss": state.loss_sum / state.loss_steps, **self.measure()}
        state.loss_sum, state.loss_steps = 0.0, 0
        epochs = state.step / self.steps_per_epoch
        state.history.append({"epochs": epochs, **figures})
        shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        tqdm.write(f"{epochs:.1f} epochs, {state.seconds / 60:.1f} min: {shown}", sys.stderr)

    def _share(self, length: Length) -> float:
        return length.share(self.state.seconds, self.state.step / self.steps_per_epoch)

    def _load(self, rows: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures uint8 [N, 3, H, W], targets of unit length [N, dim] and labels [N]."""
        pictures = torch.from_numpy(self.data.pictures[rows]).to(self.device)
        vectors = torch.from_numpy(self.data.vectors[rows]).to(self.device).float()
        targets = (functional.normalize(vectors) - self._mean) @ self._directions
        labels = torch.from_numpy(self.data.labels[rows]).to(self.device)
        return pictures.permute(0, 3, 1, 2), functional.normalize(targets), labels

    def _generator(self, purpose: int, number: int) -> torch.Generator:
        mixed = np.random.SeedSequence([self.config.seed, purpose, number]).generate_state(1)
        return torch.Generator().manual_seed(int(mixed[0]))
