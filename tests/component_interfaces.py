"""Gradio without its work for editors, in the tests' processes that import it.

As it is imported, Gradio parses each component's file and compares what an editor is told of it
with a file beside it: 1 of the 3 s of its import, which nothing reads here. Apps that are not
forked from the fork server import it as users do.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType

MODULE = "gradio.component_meta"
FUNCTION = "create_or_modify_pyi"


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads the module, and puts a function that does nothing in place of the one."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        assert FUNCTION in vars(module)
        vars(module)[FUNCTION] = lambda *_: None


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        found = importlib.machinery.PathFinder.find_spec(name, path) if name == MODULE else None
        if found is None or found.origin is None:
            return None
        return importlib.util.spec_from_loader(name, _Loader(name, found.origin))


def leave_out() -> None:
    """Leave it out in this process and in its forks."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
