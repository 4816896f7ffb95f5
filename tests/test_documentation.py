"""README and docs: links lead somewhere, and what they list is what there is."""

import re

import pytest
import typer

from searcher.cli.main import app
from searcher.config.settings import PORTS, Settings
from tests.servers import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "models/*.md", "sample_images/*.md", ".github/**/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SECTIONS = (
    *("Run it", "What you see", "Your own pictures", "Your own models"),
    *("Hosting", "Develop", "Licence"),
)
FROM_SPACES = {"SPACE_ID", "SPACE_HOST"}  # which Hugging Face sets, and nobody else
# Which Keras and huggingface_hub read themselves.
FOR_LIBRARIES = {"KERAS_HOME", "HF_HOME", "HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"}
FOR_LIBRARIES |= {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}


def text(page: str) -> str:
    return (ROOT / page).read_text()


def anchors(page: str) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in LINK.findall(text(page)):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), link
        if fragment:
            assert fragment in anchors(target.relative_to(ROOT).as_posix()), link


def test_the_readme_has_its_order() -> None:
    assert tuple(re.findall(r"^## (.+)$", text("README.md"), re.MULTILINE)) == SECTIONS


def test_every_variable_is_in_the_table_and_read() -> None:
    rows = re.findall(r"^\| (`[^|]+) \|", text("docs/configuration.md"), re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    aliases = {field.alias for field in Settings.model_fields.values()} - {None}
    # GRADIO_SERVER_PORT is told of in PORT's row.
    read = aliases | {*PORTS} - {"GRADIO_SERVER_PORT"}
    assert read - FROM_SPACES == listed - FOR_LIBRARIES - {"GRADIO_SERVER_PORT"}


def test_every_command_of_the_docs_is_there() -> None:
    verbs = set(re.findall(r"^python -m searcher ([\w-]+)", text("docs/api.md"), re.MULTILINE))
    assert verbs == set(typer.main.get_group(app).commands)


def test_the_make_targets_of_the_docs_are_there() -> None:
    targets = set(re.findall(r"^([\w.%-]+):", text("Makefile"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        for target in re.findall(r"(?:`|^)make ([a-z][\w.-]*)", text(page), re.MULTILINE):
            assert re.sub(r"3\.\d+$", "%", target) in targets, (page, target)
