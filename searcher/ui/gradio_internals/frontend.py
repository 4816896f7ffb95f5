"""Gradio's files for the browser, and which of them need which others (Gradio 6.31).

They are modules in the form of the bundler Rolldown, with the loading function of Vite.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gradio

ROOT = Path(gradio.__file__).parent / "templates" / "frontend"
ASSETS = ROOT / "assets"
STATIC = ROOT / "static"
STYLE_LINK = re.compile(r'<link rel="stylesheet" crossorigin href="\./assets/([\w-]+\.css)">')
ENTRY = re.compile(r'<script type="module" crossorigin src="\./assets/([\w-]+\.js)">')
IMPORT = re.compile(r"""\b(?:from|import)\s*["'`]\./([\w-]+\.js)["'`]""")
# A list of the files that `import()` expressions of a script need, by number.
FILES = re.compile(r"m\.f=(\[[^\]]*\])\)")
LOADING = re.compile(
    r"import\(`\./(?P<script>[\w-]+\.js)`\)(?:\.then\(e=>e\.(?P<export>\w+)\))?(?P<rest>[^`]*?),"
    r"__vite__mapDeps\(\[(?P<files>[\d,]*)\]\)"
)
COMPONENT = re.compile(r"[{,]\"?(?P<type>[a-z]\w*)\"?:\{(?P<loaders>(?:\w+:\(\)=>[^{}]*?)+)\}")
VARIANT = re.compile(r"(?:^|,)(?P<variant>\w+):\(\)=>\w+\(\(\)=>" + LOADING.pattern)
SHELL = ("Index-", "Blocks-")  # prefixes of the scripts that show a page


@dataclass(frozen=True)
class Loader:
    """How a component is loaded.

    Attributes:
        script: File name of its script.
        export: The export of the script that is the module of the component; "" for the script.
        styles: Names of its style sheets and of those of what it imports.
    """

    script: str
    export: str
    styles: tuple[str, ...]


@dataclass(frozen=True)
class Frontend:
    """What the files say: the scripts of every page, and the loaders of components.

    Attributes:
        shell: Names of scripts.
        styles: Names of style sheets of every page.
        loaders: By component type and variant ("component", "example", "base").
    """

    shell: tuple[str, ...]
    styles: tuple[str, ...]
    loaders: Mapping[str, Mapping[str, Loader]]


@cache
def frontend() -> Frontend:
    """Read Gradio's scripts.

    Raises:
        LookupError: If they are not built as expected.
    """
    template = (ROOT / "index.html").read_text()
    entry, style = ENTRY.search(template), STYLE_LINK.search(template)
    if not entry or not style:
        raise LookupError("Gradio's template has no entry script or style sheet")
    shell, styles = [entry[1]], [style[1]]
    for prefix in SHELL:
        script, files = _loaded(shell[-1], prefix)
        shell.append(script)
        styles += files
    (core,) = (name for name in closure(shell) if name.startswith("core-"))
    return Frontend(tuple(closure(shell)), tuple(dict.fromkeys(styles)), _loaders(core))


def _loaded(script: str, prefix: str) -> tuple[str, list[str]]:
    """Return the one script with a prefix that a script loads, and the style sheets with it."""
    text = (ASSETS / script).read_text()
    files = _files(text)
    for match in LOADING.finditer(text):
        if match["script"].startswith(prefix):
            return match["script"], _styles(files, match)
    raise LookupError(f"{script} loads no {prefix}")


def _loaders(script: str) -> dict[str, dict[str, Loader]]:
    text = (ASSETS / script).read_text()
    files = _files(text)
    loaders: dict[str, dict[str, Loader]] = {}
    for component in COMPONENT.finditer(text):
        variants = {
            match["variant"]: Loader(
                match["script"], match["export"] or "", tuple(_styles(files, match))
            )
            for match in VARIANT.finditer(component["loaders"])
            if not match["rest"]
        }
        if len(variants) == component["loaders"].count("import("):
            loaders[component["type"]] = variants
    if not loaders:
        raise LookupError(f"{script} loads no components")
    return loaders


def _files(text: str) -> list[str]:
    match = FILES.search(text)
    return [name.removeprefix("./") for name in json.loads(match[1])] if match else []


def _numbered(files: Sequence[str], match: re.Match[str]) -> list[str]:
    return [files[int(number)] for number in match["files"].split(",") if number]


def _styles(files: Sequence[str], match: re.Match[str]) -> list[str]:
    return [name for name in _numbered(files, match) if name.endswith(".css")]


def closure(scripts: Collection[str]) -> list[str]:
    """Return scripts and all that they import, in this order."""
    found: dict[str, None] = {}
    waiting = list(scripts)
    while waiting:
        script = waiting.pop(0)
        if script not in found:
            found[script] = None
            waiting += IMPORT.findall((ASSETS / script).read_text())
    return list(found)
