"""The commands in the code blocks and in the lines of README and docs/."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "models/*.md")
    for path in ROOT.glob(pattern)
    if path.name not in ("CHANGELOG.md", "hostile-inputs.md")  # former ones; hostile ones
)
OURS = {"python -m searcher": 3, "twinlens": 1}  # and how many words that is
# Programs of others: each with the reason why tests do not run them.
FOREIGN = {
    "source": "an environment is there",
    "export": "variables of a shell",
    "pip": "network",
    ".venv/bin/pip": "network",
    ".venv/bin/pre-commit": "writes into .git",
    "npm": "network",
    "hf": "network",
    "git": "changes the checkout",
    "docker": "needs a container engine",
    "podman": "needs a container engine",
    "kubectl": "needs a cluster",
    "nginx": "a server of its own",
    "caddy": "a server of its own",
    "traefik": "a server of its own",
    "sudo": "changes the machine",
    "ssh": "network",
    "jupyter": "is not installed",
}
TESTED = {"make", "python", "twinlens", "curl"}
LANGUAGES = {"", "sh", "bash", "shell", "console"}
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SYNOPSIS = re.compile(r"[\[\]|…]")
VARIABLES = re.compile(r"^([A-Z_]+=\S+\s+)+")


@dataclass(frozen=True)
class Command:
    """A command of a page, with the lines that continue it."""

    page: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words as a shell reads them, without variables before them."""
        return shlex.split(VARIABLES.sub("", self.text))

    @property
    def program(self) -> str:
        """The first word."""
        return VARIABLES.sub("", self.text).split()[0]

    @property
    def arguments(self) -> list[str] | None:
        """The words after `python -m searcher` or `twinlens`; None for other programs."""
        plain = VARIABLES.sub("", self.text)
        for prefix, length in OURS.items():
            if plain.split()[:length] == prefix.split():
                return self.words[length:]
        return None

    @property
    def is_synopsis(self) -> bool:
        """Whether it says what may be written, rather than what to write."""
        return bool(SYNOPSIS.search(self.text))

    @property
    def options(self) -> set[str]:
        """Every option in it, of a synopsis those that may be left out too."""
        text = self.text.replace("python -m ", "")
        return set(re.findall(r"(?<![\w-])--?[a-z][a-z0-9-]*", text))


def block_commands() -> list[Command]:
    """All commands in code blocks, in the order of the pages."""
    return [
        command
        for page in PAGES
        for _, language, block in BLOCK.findall((ROOT / page).read_text())
        if language in LANGUAGES
        for command in _of_block(page, block)
    ]


def inline_commands() -> list[Command]:
    """All commands of Twinlens within sentences."""
    return [
        Command(page, text)
        for page in PAGES
        for text in re.findall(r"`((?:python -m searcher|twinlens) [^`]+)`", _prose(page))
    ]


def inline_options(verbs: set[str]) -> list[Command]:
    """What else is written as code, and begins with a verb and has options."""
    return [
        Command(page, f"twinlens {text}")
        for page in PAGES
        for text in re.findall(r"`([^`]+)`", _prose(page))
        if text.split()[0] in verbs and " --" in text
    ]


def _prose(page: str) -> str:
    return re.sub(r"\s*\n\s*", " ", BLOCK.sub("", (ROOT / page).read_text()))


def _of_block(page: str, block: str) -> Iterator[Command]:
    lines = [line for line in block.split("\n") if line.strip() and not line.startswith("#")]
    programs = TESTED | FOREIGN.keys()
    if not any(VARIABLES.sub("", line).split()[:1][0] in programs for line in lines):
        return  # what a program prints, or a file
    text = ""
    for line in lines:
        # What a command does stands behind it, after several spaces.
        part = re.split(r"\s{2,}(?=\S)", line.strip())[0].removesuffix("\\").strip()
        if not line.startswith(" "):
            if text:
                yield Command(page, text)
            text = part
        elif part.startswith(("[", "-")) or lines[lines.index(line) - 1].endswith("\\"):
            text += f" {part}"
    if text:
        yield Command(page, text)
