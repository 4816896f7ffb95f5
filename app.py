"""Settings -> library -> interface -> launch."""

import logging
import os
import signal
import sys
import threading
import time

from searcher.errors import TwinlensError
from searcher.jobs import Worker
from searcher.places import make_places
from searcher.settings import Settings, reach_loopback_directly
from searcher.ui import page, serve
from searcher.ui.metered import Metered

END_S = 10.0


def main() -> int:
    """Serve the page; everything slow goes on behind it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as if somebody pressed Ctrl+C
    reach_loopback_directly()
    try:
        settings = make_places(Settings.from_env())
        library = Metered(settings)
        worker = Worker(library)
        serve.prepare(settings, library.charge)
        built = page.build(library, worker)
        serve.launch(built, settings, library.upload_limits, worker)
    except TwinlensError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the page was there
        return 0
    threading.Thread(target=_end_soon, daemon=True).start()
    worker.stop()
    library.close()
    return 0


def _end_soon() -> None:
    """End the process even if a call goes on: everything on disk may be cut off anywhere."""
    time.sleep(END_S)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
