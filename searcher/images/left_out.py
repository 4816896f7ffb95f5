"""What a search for pictures leaves out, counted by reason."""

import os
from collections import Counter

from searcher.images.shown_names import printable
from searcher.messages.message import Message

SHOWN = 8  # names in a sentence
KEPT = 200  # different names of each reason
MORE = "…"
# Why something is left out: codes of sentences.
NO_PICTURE = "omitted.no_picture"
UNREAD_FORMAT = "omitted.unread_format"
UNFINISHED_FILE = "omitted.unfinished"
HIDDEN = "omitted.hidden"
SYSTEM = "omitted.system"
ARCHIVE = "omitted.archive"
LINK = "omitted.link"
REASONS = (NO_PICTURE, UNREAD_FORMAT, UNFINISHED_FILE, HIDDEN, SYSTEM, ARCHIVE, LINK)


class LeftOut:
    """Counts files and folders that are left out. For one thread."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, reason: str, shown: str) -> None:
        """Count a file or folder.

        Args:
            reason: One of the module's constants.
            shown: What the sentence lists: an ending of files, or the name of a folder.
        """
        names = self._counts.setdefault(reason, Counter())
        name = printable(shown)
        names[name if name in names or len(names) < KEPT else MORE] += 1

    def add_file(self, reason: str, name: str) -> None:
        """Count a file, which the sentence lists by its ending, or by its name without one."""
        if reason == HIDDEN:
            self.add(reason, "._*" if name.startswith("._") else name)
        else:
            self.add(reason, os.path.splitext(name)[1].lower() or name)

    def __bool__(self) -> bool:
        return bool(self._counts)

    def document(self) -> list[dict[str, object]]:
        """Return the `left_out` of a document: for each reason its sentence, count and names."""
        return [
            {"reason": str(_sentence(reason, counts)), "count": counts.total(), "names": [*counts]}
            for reason, counts in self._ordered()
        ]

    def messages(self) -> list[Message]:
        """Return a sentence for each reason."""
        return [_sentence(reason, counts) for reason, counts in self._ordered()]

    def _ordered(self) -> list[tuple[str, Counter[str]]]:
        return sorted(self._counts.items(), key=lambda item: -item[1].total())


def _sentence(reason: str, counts: Counter[str]) -> Message:
    names = [name for name, _ in counts.most_common(SHOWN)]
    shown = ", ".join([*names, MORE] if len(counts) > SHOWN and MORE not in names else names)
    return Message(reason, {"n": counts.total(), "names": shown})
