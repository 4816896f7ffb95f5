"""What the Compare tab shows before the comparison of an example is there."""

from searcher.library.core import Library
from searcher.library.query_label import example_labels
from searcher.library.status import Status
from searcher.ui.components.query_input import invitation
from searcher.ui.templating import render


def has_examples(library: Library) -> bool:
    """Whether there are examples, one of which the page opens on."""
    return bool(example_labels(library.settings.samples_dir))


def opening_html(library: Library) -> str:
    """Render what the page shows before the server's first answer: grey cards, or nothing."""
    return render("skeleton.html", opening=True) if has_examples(library) else ""


def waiting_html(library: Library, status: Status, text: tuple[str, str]) -> str:
    """Render grey cards; the invitation `text` where no example will follow."""
    if not has_examples(library) or (status.opened and status.working is None):
        return invitation(status, text)
    return render("skeleton.html", opening=False)
