"""External networks: an ONNX file, or one of the Hub, which is downloaded first; then adoption.

Run as `python -m searcher.export.external_networks NAME --weights FILE|hf:OWNER/NAME … --output
FILE`; see export_process.py.
"""

import json
import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from searcher.config.settings import Settings
from searcher.export.adopt import VERIFIED, Adoption, AdoptOptions, adopt
from searcher.export.adopt_choices import parse_choices
from searcher.export.export_process import Order, downloading, report, run
from searcher.export.hub import describe
from searcher.export.hub_adopt import adopt_from_hub
from searcher.export.install import GUESSED, READ
from searcher.export.reference import PROBES
from searcher.hub_access.hub_address import is_hub_address
from searcher.images.pictures import Picture
from searcher.images.sampling import draw_pictures
from searcher.messages.message import Message, message
from searcher.models.catalog import CATALOGUE
from searcher.models.hub_reference import parse
from searcher.models.model_files import move_model
from searcher.models.resource_limits import restrict

# A graph is copied while it is changed, and several sessions run it. An endless loop must end.
FREE_BYTES, COPIES = 2**30, 16
CPU_S, BYTES_PER_CPU_S = 60, 2**20


def make(order: Order) -> Message:
    """Export one network, as its parent process orders.

    Raises:
        HubFailed: It can't be found or downloaded.
        CannotAdopt: It needs options, or can't be used.
    """
    signal.signal(signal.SIGTERM, _stop)
    choices = parse_choices(json.loads(order.choices or "{}"))
    options = AdoptOptions(force=True, **choices)
    pictures = draw_pictures(Settings.from_env(os.environ).samples_dir, PROBES)
    # The parent process holds the lock of the model file, so that another path is written first.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if is_hub_address(order.weights):
            adoption = _adopt_from_hub(order, folder, options, pictures)
        else:
            source = Path(order.weights)
            _limit(source.stat().st_size)
            report("converting", message("install.converting"))
            adoption = adopt(source, order.name, folder, options, pictures)
        move_model(adoption.path, order.output)
    for line in adoption.report:
        report(READ, line)
    for guess in adoption.guesses:
        report(GUESSED, guess)
    return next(line for line in adoption.report if line.code == VERIFIED)


def _adopt_from_hub(
    order: Order, folder: Path, options: AdoptOptions, pictures: list[Picture]
) -> Adoption:
    report("loading", message("install.asking_hub"))
    model = describe(parse(order.weights), order.variant or None, order.anonymous, options.words)
    _limit(model.bytes)
    if network := CATALOGUE.get(order.name):
        options = replace(options, title=network.title, licence=network.licence)

    def progress(done: int, total: int) -> None:
        # With the last byte, what follows has begun.
        following = message("install.converting")
        report("loading", downloading(done, total) if done < total else following)

    return adopt_from_hub(model, order.name, folder, options, pictures, progress)


def _limit(size: int) -> None:
    """Limit this process to what a network of `size` bytes needs."""
    restrict(FREE_BYTES + COPIES * size, CPU_S + size // BYTES_PER_CPU_S)


def _stop(*_: object) -> None:
    """End with the clean-up of all that is in progress, of which a partial file is deleted."""
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], make))
