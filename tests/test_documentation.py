"""README and docs: links lead somewhere, and what they list is what there is."""

import json
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
    check_links(page, text(page))


def check_links(page: str, content: str) -> None:
    """Check that each link's file and anchor exist; pictures' too."""
    for link in LINK.findall(content):
        if "://" in link:
            continue
        path, _, fragment = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), link
        if fragment:
            assert fragment in anchors(target.relative_to(ROOT).as_posix()), link


def test_the_notebook_lies_in_git_without_outputs() -> None:
    book = json.loads(text("docs/twinlens.ipynb"))
    assert (book["nbformat"], len(book["cells"])) == (4, 18)
    for cell in book["cells"]:
        assert not cell["metadata"], cell["id"]
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]
        else:
            check_links("docs/twinlens.ipynb", "".join(cell["source"]))


def test_every_page_is_linked_from_another() -> None:
    """From the README, by however many steps."""
    reached, remaining = {"README.md"}, ["README.md"]
    while remaining:
        page = remaining.pop()
        for link in LINK.findall(text(page)):
            if "://" in link:
                continue
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
            if name.endswith(".md") and name not in reached:
                reached.add(name)
                remaining.append(name)
    assert {page for page in PAGES if page.startswith("docs/")} <= reached


def test_the_readme_links_the_pages_that_one_begins_with() -> None:
    begin = ("start", "own-pictures", "own-models", "words", "evaluate", "hosting", "api")
    for page in (*begin, "architecture", "configuration"):
        assert f"](docs/{page}.md)" in text("README.md"), page


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
    for page in PAGES:
        for target in re.findall(r"(?:`|^)make ([a-z][\w.-]*)", text(page), re.MULTILINE):
            assert re.sub(r"3\.\d+$", "%", target) in targets, (page, target)
