"""`python -m searcher COMMAND`: the same as `twinlens COMMAND`."""

import sys

from searcher.config.python_version import require_supported_python


def command_line() -> int:
    """Run the command of this process, and return its exit status."""
    from searcher.cli.main import main

    return main(sys.argv[1:], "python -m searcher")


if __name__ == "__main__":
    require_supported_python()
    from searcher.config.terminal import leave, run_program

    leave(run_program(command_line))
