"""Settings -> library -> interface -> launch."""

import logging
import sys

from searcher.errors import TwinlensError
from searcher.jobs import Worker
from searcher.memory import map_large_blocks
from searcher.places import make_places
from searcher.settings import Settings, reach_loopback_directly
from searcher.ui import page, serve
from searcher.ui.metered import Metered

CHECK_S = 10.0  # what pages wait for the check of a new model file; most take a second


def main() -> int:
    """Serve the page; everything slow goes on behind it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    reach_loopback_directly()
    map_large_blocks()
    try:
        settings = make_places(Settings.from_env())
        library = Metered(settings)
        library.zoo.checks.patience = CHECK_S
        worker = Worker(library)
        serve.launch(page.build(library, worker), settings, on_ready=worker.start)
    except TwinlensError as error:
        print(error, file=sys.stderr)
        return 2
    worker.stop()
    library.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
