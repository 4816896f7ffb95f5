"""Decoding stays within its memory budget, releases memory, and changes no pixel."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pillow_heif
import psutil
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from tests.pictures import encode, paint, png_bomb, save
from tests.servers import ROOT, environment, running, wait_for

SIDE = 5000  # 25 megapixels
LARGE = 6000  # of 16 bits and four channels: six at once are more than the app may take
MB = 2**20
SLACK_MB = 60  # for what else the process does meanwhile

linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

START = """
import io, json, os, sys, threading
from pathlib import Path
from PIL import Image
from pillow_heif import register_heif_opener
from searcher import memory
from searcher.images import decoding, pictures

register_heif_opener()

def size(key):
    (line,) = [line for line in open("/proc/self/status") if line.startswith(key + ":")]
    return int(line.split()[1]) / 1024

def rest():
    memory.map_large_blocks()
    pictures.thumbnail(pictures.open_picture(Path("ordinary.jpg").read_bytes()))
    return size("VmRSS")
"""
# For each folder on stdin, in a fork of its own: the peak above rest in MB of decoding its file,
# and what it was estimated at.
EACH = """
def decode(side=640):
    data = Path("file").read_bytes()
    before = rest()
    picture = pictures.open_picture(data, side=side)
    peak = size("VmHWM") - before
    with Image.open(io.BytesIO(data)) as image:
        full = image.size
        estimate = (decoding.decoding_bytes(image, full, side) + len(data)) / 2**20
    print(json.dumps([peak, estimate]), flush=True)

for line in sys.stdin:
    if os.fork() == 0:
        os.chdir(line.strip())
        decode()
        os._exit(0)
    if os.wait()[1]:
        break
"""
# The peak above rest in MB of making six thumbnails at once, and what is left afterwards.
SIX = """
data = Path(sys.argv[1]).read_bytes()
before = rest()
make = lambda: pictures.thumbnail(pictures.open_picture(data))
threads = [threading.Thread(target=make) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([size("VmHWM") - before, size("VmRSS") - before]))
"""
# The peak above rest in MB of indexing a folder.
INDEX = """
from searcher.library.core import Library
from searcher.config.settings import Settings
library = Library(Settings.from_env())
library.add([Path(sys.argv[1]) / "first"])
before = rest()
report = library.add([Path(sys.argv[1]) / "large"])
library.close()
print(json.dumps([report.added, size("VmHWM") - before]))
"""


def heif(bits: int) -> bytes:
    depth = np.uint16 if bits > 8 else np.uint8
    pixels = np.zeros((SIDE // 2, SIDE // 2, 3), depth).tobytes()
    mode = "RGB;16" if bits > 8 else "RGB"
    out = io.BytesIO()
    file = pillow_heif.from_bytes(mode, (SIDE // 2, SIDE // 2), pixels)
    file.save(out, quality=30)
    return out.getvalue()


def large(mode: str, format: str, **options: object) -> bytes:
    return encode(Image.new(mode, (SIDE, SIDE)), format, **options)


# Kind -> how its file is made, and the largest multiple of its pixels' raw bytes it may take.
KINDS: dict[str, tuple[Callable[[], bytes], int, float]] = {
    "png rgba 16": (lambda: png_bomb(SIDE, 16, 4), 8, 1.0),
    "png rgba 16 interlaced": (lambda: png_bomb(SIDE, 16, 4, interlaced=True), 8, 1.0),
    "png grey alpha": (lambda: png_bomb(SIDE, 8, 2), 2, 4.0),
    "png grey 16": (lambda: png_bomb(SIDE, 16), 2, 2.6),
    "png rgb": (lambda: png_bomb(SIDE, 8, 3), 3, 2.5),
    "png palette": (lambda: large("P", "PNG", transparency=0), 1, 4.0),
    "png 1 bit": (lambda: png_bomb(SIDE), 1, 4.0),
    "jpeg": (lambda: large("RGB", "JPEG"), 3, 2.5),
    "jpeg progressive": (lambda: large("RGB", "JPEG", progressive=True, subsampling=0), 3, 2.5),
    "jpeg cmyk": (lambda: large("CMYK", "JPEG"), 4, 2.5),
    "tiff float": (lambda: large("F", "TIFF"), 4, 2.0),
    "tiff 16": (lambda: large("I;16", "TIFF", compression="tiff_lzw"), 2, 3.0),
    "tiff one strip": (
        lambda: large("RGB", "TIFF", compression="tiff_lzw", tiffinfo={278: SIDE}),
        3,
        3.0,
    ),
    "tiff cmyk": (lambda: large("CMYK", "TIFF", compression="tiff_adobe_deflate"), 4, 2.0),
    "gif": (lambda: large("P", "GIF", save_all=True, append_images=[paint(0)] * 3), 1, 4.0),
    "bmp": (lambda: large("RGB", "BMP"), 3, 3.0),
    "webp": (lambda: large("RGBA", "WEBP", method=0), 4, 4.5),
    "webp lossless": (lambda: large("RGB", "WEBP", lossless=True, quality=0, method=0), 3, 6.0),
    "avif": (lambda: large("RGB", "AVIF", speed=10), 3, 5.0),
    "avif alpha": (lambda: large("RGBA", "AVIF", speed=10), 4, 4.0),
    "heic": (lambda: heif(8), 3, 9.0),
    "heic 12": (lambda: heif(12), 6, 9.0),
}


def run(program: str, folder: Path, *arguments: str, **variables: str) -> list[float]:
    """Run a program of this file in a process of its own; returns what it prints."""
    save(folder / "ordinary.jpg", 0)
    env = environment(folder, PYTHONPATH=str(ROOT), **variables)
    process = subprocess.run(
        [sys.executable, "-c", START + program, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    numbers: list[float] = json.loads(process.stdout)
    return numbers


@pytest.fixture(scope="module")
def decoders() -> Iterator["subprocess.Popen[str]"]:
    """The process that measures: it has imported what decodes, and nothing else."""
    with subprocess.Popen(
        [sys.executable, "-c", START + EACH],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@linux
@pytest.mark.parametrize("kind", KINDS)
def test_decoding_takes_what_was_estimated_and_little_more_than_the_pixels(
    kind: str, decoders: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    make, depth, multiple = KINDS[kind]
    (tmp_path / "file").write_bytes(make())
    save(tmp_path / "ordinary.jpg", 0)
    assert decoders.stdin is not None
    assert decoders.stdout is not None
    print(tmp_path, file=decoders.stdin, flush=True)
    peak, estimate = json.loads(decoders.stdout.readline())
    print(f"\n{kind}: {peak:.0f} MB, estimate {estimate:.0f} MB")
    with Image.open(tmp_path / "file") as image:
        raw = image.width * image.height * depth / MB
    assert peak <= estimate + SLACK_MB / 2
    assert peak <= raw * multiple + SLACK_MB


@linux
def test_six_large_pictures_at_once_stay_within_the_budget(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(png_bomb(LARGE, 16, 4))
    peak, remaining = run(SIX, tmp_path, "file")
    print(f"\nsix at once: {peak:.0f} MB, left {remaining:.0f} MB")
    assert peak <= 1500
    assert remaining <= 300


@linux
def test_indexing_decodes_one_at_a_time_where_the_budget_is_small(
    baselines: Path, tmp_path: Path
) -> None:
    save(tmp_path / "first" / "1.jpg", 1)
    (tmp_path / "large").mkdir()
    data = png_bomb(8000, 8, 4)
    for number in range(3):
        (tmp_path / "large" / f"{number}.png").write_bytes(data + bytes(number))
    added, peak = run(INDEX, tmp_path, ".", MODELS_DIR=str(baselines), MEMORY_MB="400")
    print(f"\nindexing: {peak:.0f} MB")
    assert added == 3
    assert peak <= 400 + 2 * SLACK_MB


@linux
def test_the_app_stays_small_when_six_visitors_bring_large_pictures(
    baselines: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(baselines)
    picture = tmp_path / "large.png"
    picture.write_bytes(png_bomb(LARGE, 16, 4))
    save(tmp_path / "samples" / "a" / "1.jpg", 1)
    with running(tmp_path) as app, watched(app.process.pid) as sizes:
        clients = [Client(app.url, verbose=False) for _ in range(6)]
        jobs = [
            client.submit(handle_file(str(picture)), model="colour", k=1, api_name="/search")
            for client in clients[:4]
        ]
        jobs += [c.submit([handle_file(str(picture))], api_name="/add") for c in clients[4:]]
        wait_for(lambda: all(job.done() for job in jobs), 120, "six answers")
        assert [job.exception() for job in jobs] == [None] * 6
        remaining = psutil.Process(app.process.pid).memory_info().rss / MB
    print(f"\nthe app: {max(sizes):.0f} MB, from {sizes[0]:.0f}, left {remaining:.0f}")
    assert max(sizes) < 1536
    assert remaining < sizes[0] + 300


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """A growing list of a process' resident sizes in MB."""
    process, done = psutil.Process(pid), threading.Event()
    sizes = [process.memory_info().rss / MB]

    def watch() -> None:
        while not done.wait(0.01):
            sizes.append(process.memory_info().rss / MB)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield sizes
    finally:
        done.set()
        thread.join()
