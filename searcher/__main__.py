"""`python -m searcher COMMAND`: the same as `twinlens COMMAND`."""

import sys

from searcher.config.python_version import require_supported_python

if __name__ == "__main__":
    require_supported_python()
    from searcher.cli.main import main

    sys.exit(main(sys.argv[1:], "python -m searcher"))
