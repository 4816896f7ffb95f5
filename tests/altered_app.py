"""The app with shorter limits, or with other addresses counted as public, for quick tests.

`running(folder, before=ALTERED, ALTER='{"searcher.ui.security.connections.HEAD_S": 1}', …)`;
ALTER_PUBLIC names the addresses of this machine that count as public ones.
"""

import json
import os
import runpy
import sys
from importlib import import_module
from pathlib import Path

ALTERED = (sys.executable, str(Path(__file__)))


def main() -> None:
    """Alter the app's modules, then run the script that is the last argument."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    for name, value in json.loads(os.environ.get("ALTER", "{}")).items():
        module, _, attribute = name.rpartition(".")
        setattr(import_module(module), attribute, value)
    if public := os.environ.get("ALTER_PUBLIC", "").split():
        import safehttpx

        safehttpx.is_public_ip = lambda address: address in public
        try:
            addresses = import_module("searcher.ui.security.url_downloads")
        except ModuleNotFoundError:  # before there was one
            pass
        else:
            addresses.is_public = lambda address: address in public  # type: ignore[attr-defined]
    sys.argv = sys.argv[-1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
