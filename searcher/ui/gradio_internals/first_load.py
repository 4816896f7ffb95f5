"""The head of a page: what lets the browser load Gradio's files early, and few of them.

Gradio's scripts are modules that import each other, and each component has its own, with a style
sheet: a page causes some 90 requests, one after another in a chain of five. The head has instead
one joined style sheet, links to all scripts that the page needs at first, and loaders of other
components, which load them when they are shown, in another tab.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gradio as gr
from gradio import routes
from gradio.blocks import Block
from jinja2 import BaseLoader, Environment
from markupsafe import Markup
from starlette.requests import Request

from searcher.ui.gradio_internals.first_values import as_in_call, put_values
from searcher.ui.gradio_internals.frontend import ASSETS, STYLE_LINK, closure, frontend

JOINED = "twinlens-"  # prefix of the joined style sheet's name
# Gradio has `window.__GRADIO__CC__` for components of other packages; it overrides its own loaders.
# A page waits for a component only when it shows it, which is when `then` is called.
LATER = """<script nonce="{{ nonce }}">
window.__GRADIO__CC__ = {};
for (const [type, variants] of Object.entries({{ first_load.later | tojson }})) {
  window.__GRADIO__CC__[type] = {};
  for (const [variant, [script, name]] of Object.entries(variants)) {
    let module;
    const load = () => import(`./assets/${script}`).then((all) => (name ? all[name] : all));
    window.__GRADIO__CC__[type][variant] = () => ({
      then: (done, failed) => (module ??= load()).then(done, failed),
    });
  }
}
</script>"""
# The hints follow it, before the page's configuration, which is much longer.
BASE = re.compile(r"<base href=[^>]*/>")
BOLD = re.compile(r"url\('(static/fonts/[^']*Bold[^']*)'\)")  # in a theme's style sheet
CONFIG = "window.gradio_config = {{ config | toorjson }}"
# It tells the page that frames this one the height that it needs.
RESIZER = "document.head.appendChild(script);"

FirstValues = Callable[[Request], Iterable[tuple[Block, Any]]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FirstLoad:
    """The files that one page needs.

    Attributes:
        scripts: Names of those to load at once.
        styles: Names of those that are joined.
        sheet: The joined style sheet.
        later: By component type and variant, script and export of components that are not shown at
            first.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    sheet: bytes
    later: Mapping[str, Mapping[str, tuple[str, str]]]

    @property
    def sheet_name(self) -> str:
        """File name of the joined style sheet, with its digest."""
        return f"{JOINED}{hashlib.sha256(self.sheet).hexdigest()[:16]}.css"


def first_load(config: Mapping[str, Any]) -> FirstLoad:
    """Return the files that a page needs.

    Args:
        config: The page's configuration, from `Blocks.get_config_file`.

    Raises:
        LookupError: If Gradio's files are not built as expected.
    """
    files = frontend()
    types = {block["id"]: block["type"] for block in config["components"]}
    shown = {types[number] for number in _shown(config)} | {"column"}
    used = {kind: files.loaders[kind] for kind in types.values() if kind in files.loaders}
    scripts = list(files.shell)
    styles = list(files.styles)
    for kind, variants in used.items():
        if kind in shown:
            scripts += closure([variants["component"].script])
        for loader in variants.values():
            styles += loader.styles
    names = tuple(dict.fromkeys(styles))
    later = {
        kind: {variant: (loader.script, loader.export) for variant, loader in variants.items()}
        for kind, variants in used.items()
        if kind not in shown
    }
    sheet = b"\n".join((ASSETS / name).read_bytes() for name in names)
    return FirstLoad(tuple(dict.fromkeys(scripts)), names, sheet, later)


def hints(files: FirstLoad, theme_hash: str, fonts: Sequence[str] = ()) -> Markup:
    """Return the links of a page's head, relative to the page.

    Gradio adds no style sheet that a link has already; a disabled one is not loaded.

    Args:
        files: The page's files.
        theme_hash: The digest of the theme's style sheet.
        fonts: Files of fonts that nothing shows before the page is built. Texts that are shown in
            another font at first would move others when they arrive.
    """
    link = Markup('<link rel="{}" crossorigin href="./assets/{}"{}>')
    links = [
        link.format("stylesheet", files.sheet_name, ""),
        *(link.format("stylesheet", name, Markup(" disabled")) for name in files.styles),
        *(link.format("modulepreload", name, "") for name in files.scripts),
        Markup('<link rel="preload" as="style" href="./theme.css?v={}">').format(theme_hash),
    ]
    font = Markup('<link rel="preload" as="font" fetchpriority="low" crossorigin href="./{}">')
    return Markup("\n").join([*links, *map(font.format, fonts)])


def _shown(config: Mapping[str, Any]) -> Iterator[int]:
    """Yield the ids of components that are mounted at first: not those in closed tabs."""
    blocks = {block["id"]: block for block in config["components"]}

    def visit(nodes: Sequence[Mapping[str, Any]]) -> Iterator[int]:
        for node in nodes:
            block = blocks[node["id"]]
            properties = block["props"]
            if properties.get("visible") is False:
                continue
            yield node["id"]
            children = node.get("children") or []
            if block["type"] == "accordion" and properties.get("open") is False:
                continue
            yield from visit(children[:1] if block["type"] == "tabs" else children)

    return visit(config["layout"]["children"])


class PageFiles:
    """The files that a page needs at first; None if Gradio's files are not built as expected."""

    def __init__(self, page: gr.Blocks) -> None:
        self._page = page

    @property
    def theme_hash(self) -> str:
        """The digest of the theme's style sheet."""
        return str(self._page.theme_hash)

    @cached_property
    def late_fonts(self) -> list[str]:
        """The bold fonts of the theme; the text of Gradio's loading screen is regular."""
        return BOLD.findall(str(self._page.theme_css))

    @cached_property
    def first_load(self) -> FirstLoad | None:
        """Its files, read on first use."""
        try:
            return first_load(self._page.get_config_file())
        except (LookupError, OSError, ValueError) as error:
            log.warning("the page loads more slowly than it could: %s", error)
            return None


class _WithHead(BaseLoader):
    """Loads Gradio's templates, and replaces their style sheet with the head of this module."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """See BaseLoader."""
        source, name, fresh = self._loader.get_source(environment, template)
        source = source.replace(RESIZER, f"if (parent !== window) {RESIZER}", 1)
        base, link = BASE.search(source), STYLE_LINK.search(source)
        if base and link:
            shown = "first_load and member"
            source = source.replace(link[0], f"{{% if not ({shown}) %}}{link[0]}{{% endif %}}", 1)
            head = f"{{% if {shown} %}}{{{{ first_load.links }}}}{LATER}{{% endif %}}"
            source = source.replace(base[0], f"{base[0]}\n{head}", 1)
        source = source.replace(CONFIG, CONFIG.replace("config |", "opened(config) |"), 1)
        return source, name, fresh


def open_with(files: PageFiles, first_values: FirstValues) -> None:
    """Add hints at a page's files to its head, and values to its components.

    Args:
        files: The page's files.
        first_values: Returns components with the values that they have as the page arrives, for
            visitors who may see it.
    """

    def values(request: Request) -> dict[str, Any]:
        first = files.first_load
        links = hints(first, files.theme_hash, files.late_fonts) if first else ""

        def opened(config: dict[str, Any]) -> dict[str, Any]:
            if request.scope.get("member"):
                with as_in_call():
                    put_values(config, first_values(request))
            return config

        head = {"links": links, "later": first.later} if first else None
        return {"first_load": head, "opened": opened}

    loader = routes.templates.env.loader
    assert loader is not None
    routes.templates.env.loader = _WithHead(loader)
    routes.templates.context_processors.append(values)
