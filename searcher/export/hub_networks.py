"""Networks of the Hugging Face Hub: download and adoption, without options.

Run as `python -m searcher.export.hub_networks NAME --weights hf:OWNER/NAME … --output FILE`; see
export_process.py.
"""

import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from searcher.config.settings import Settings
from searcher.export.adopt import AdoptOptions
from searcher.export.export_process import Order, report, run
from searcher.export.hub import describe
from searcher.export.hub_adopt import adopt_from_hub
from searcher.export.hub_download import stage
from searcher.export.reference import PROBES
from searcher.files import move
from searcher.images.sampling import draw_pictures
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.hub_reference import parse


def make(order: Order) -> Message:
    """Export one network, as its parent process orders.

    Raises:
        HubFailed: It can't be found or downloaded.
        CannotAdopt: It needs options, or can't be used.
    """
    signal.signal(signal.SIGTERM, _stop)
    report("loading", message("install.asking_hub"))
    model = describe(parse(order.weights), order.variant or None)
    options = AdoptOptions(force=True)
    if network := CATALOGUE.get(order.name):
        options = replace(options, title=network.title, licence=network.licence)

    def progress(done: int, total: int) -> None:
        # With the last byte, what follows has begun.
        following = message("install.converting")
        report("loading", stage(done, total) if done < total else following)

    pictures = draw_pictures(Settings.from_env(os.environ).samples_dir, PROBES)
    # The parent process holds the lock of the model file, so that another path is written first.
    with tempfile.TemporaryDirectory() as folder:
        adoption = adopt_from_hub(model, order.name, Path(folder), options, pictures, progress)
        move(adoption.path, order.output)
    return adoption.report[-1]


def _stop(*_: object) -> None:
    """End with the clean-up of all that is in progress, of which a partial file is deleted."""
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
