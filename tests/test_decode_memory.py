"""Decoding stays within its budget of memory, gives it back, and changes no pixel."""

import io
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pillow_heif
import psutil
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from searcher import memory
from searcher.decoding import HELD_PIXELS, STRIP_PIXELS
from searcher.errors import BadImage
from searcher.images import THUMBNAIL_SIZE, Picture, model_input, open_picture
from searcher.memory import MAX_PASSES, Budget, limit_decoding
from tests.pictures import encode, paint, png_bomb, save
from tests.servers import ROOT, environment, running, wait_for

SIDE = 5000  # 25 megapixels
MB = 2**20
SLACK_MB = 60  # for what else the process does meanwhile

linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")

START = """
import io, json, os, sys, threading
from pathlib import Path
from PIL import Image
from searcher import decoding, images, memory

def size(key):
    (line,) = [line for line in open("/proc/self/status") if line.startswith(key + ":")]
    return int(line.split()[1]) / 1024

def rest():
    memory.map_large_blocks()
    images.thumbnail(images.open_picture(Path("ordinary.jpg").read_bytes()))
    return size("VmRSS")
"""
# The peak above rest in MB of decoding one file, and what it was estimated at.
ONE = """
data = Path(sys.argv[1]).read_bytes()
side = int(sys.argv[2])
before = rest()
picture = images.open_picture(data, side=side)
peak = size("VmHWM") - before
with Image.open(io.BytesIO(data)) as image:
    full = image.size
    image.draft("RGB", images._covering(full, side))
    estimate = (decoding.decoding_bytes(image, full, side) + len(data)) / 2**20
print(json.dumps([peak, estimate]))
"""
# The peak above rest in MB of making six thumbnails at once, and what is left afterwards.
SIX = """
data = Path(sys.argv[1]).read_bytes()
before = rest()
make = lambda: images.thumbnail(images.open_picture(data))
threads = [threading.Thread(target=make) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps([size("VmHWM") - before, size("VmRSS") - before]))
"""
# The peak above rest in MB of indexing a folder.
INDEX = """
from searcher.library import Library
from searcher.settings import Settings
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
    "png grey 16": (lambda: png_bomb(SIDE, 16), 2, 2.5),
    "png rgb": (lambda: png_bomb(SIDE, 8, 3), 3, 2.5),
    "png palette": (lambda: large("P", "PNG", transparency=0), 1, 4.0),
    "png 1 bit": (lambda: png_bomb(SIDE), 1, 4.0),
    "jpeg": (lambda: large("RGB", "JPEG"), 3, 0.3),
    "jpeg progressive": (lambda: large("RGB", "JPEG", progressive=True, subsampling=0), 3, 2.5),
    "jpeg cmyk": (lambda: large("CMYK", "JPEG"), 4, 0.3),
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
    done = subprocess.run(
        [sys.executable, "-c", START + program, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    numbers: list[float] = json.loads(done.stdout)
    return numbers


@linux
@pytest.mark.parametrize("kind", KINDS)
def test_decoding_takes_what_was_estimated_and_little_more_than_the_pixels(
    kind: str, tmp_path: Path
) -> None:
    make, depth, multiple = KINDS[kind]
    (tmp_path / "file").write_bytes(make())
    peak, estimate = run(ONE, tmp_path, "file", "640")
    print(f"\n{kind}: {peak:.0f} MB, estimate {estimate:.0f} MB")
    with Image.open(tmp_path / "file") as image:
        raw = image.width * image.height * depth / MB
    assert peak <= estimate + SLACK_MB / 2
    assert peak <= raw * multiple + SLACK_MB


@linux
def test_six_large_pictures_at_once_stay_within_the_budget(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(png_bomb(8000, 16, 4))
    peak, left = run(SIX, tmp_path, "file")
    print(f"\nsix at once: {peak:.0f} MB, left {left:.0f} MB")
    assert peak <= 1500
    assert left <= 300


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
    picture.write_bytes(png_bomb(8000, 16, 4))
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
        left = psutil.Process(app.process.pid).memory_info().rss / MB
    print(f"\nthe app: {max(sizes):.0f} MB, from {sizes[0]:.0f}, left {left:.0f}")
    assert max(sizes) < 1536
    assert left < sizes[0] + 300


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


@pytest.fixture
def small_budget() -> Iterator[None]:
    limit_decoding(100)
    yield
    limit_decoding(1500)


def test_what_is_above_the_budget_is_refused_with_the_limit(small_budget: None) -> None:
    with pytest.raises(BadImage, match=r"^cat\.png takes \d+ MB .* MEMORY_MB allows 100\.$"):
        open_picture(png_bomb(7000, 8, 4), "cat.png")
    assert open_picture(encode(paint(1))).width == 320


def test_a_tiff_with_a_huge_tile_is_refused_before_it_is_decoded() -> None:
    tags = {256: 100, 257: 100, 258: 8, 259: 5, 262: 1, 277: 1}  # size, bits, LZW, grey, samples
    tags |= {322: 60_000, 323: 60_000, 324: 8, 325: 64}  # a tile's size, where it is
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    data = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(100)
    with pytest.raises(BadImage, match=r"takes \d{4} MB of memory to decode"):
        open_picture(data)


def test_megabytes_of_exif_are_not_joined_and_the_picture_still_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(paint(2), exif=exif)
    surplus = b"\xff\xe1\xff\xff" + b"Exif\0\0" + bytes(65_527)
    first = data.index(b"\xff\xe1")
    end = first + 2 + int.from_bytes(data[first + 2 : first + 4], "big")
    picture = open_picture(data[:end] + surplus * 1600 + data[end:])
    assert picture.pixels.tobytes() == open_picture(data).pixels.tobytes()
    assert (picture.width, picture.height) == (240, 320)


def whole(image: Image.Image) -> Image.Image:
    """What the picture was converted to at full size, all at once."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image, np.float64)
        low, high = values.min(), values.max()
        if image.mode.startswith("I;16"):
            low, high = 0, 65535
        elif low >= 0 and high <= 255:
            low, high = 0, 255 if high > 1 else 1
        return Image.fromarray(np.rint((values - low) / (high - low) * 255).astype(np.uint8))
    rgba = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(rgba, mask=rgba.getchannel("A"))
    return white


def ramp(kind: npt.DTypeLike, top: float, size: tuple[int, int]) -> Image.Image:
    values = np.asarray(paint(3, size).convert("L"), np.float64) / 255 * top
    return Image.fromarray(values.astype(kind))


ORDINARY = (1700, 1300)  # more than one strip
MODES = {
    "1": ("PNG", lambda size: paint(3, size).convert("1")),
    "L": ("PNG", lambda size: paint(3, size).convert("L")),
    "LA": ("PNG", lambda size: see_through("LA", size)),
    "P": ("GIF", lambda size: paint(3, size).quantize(64)),
    "P, a clear colour": ("PNG", lambda size: paint(3, size).quantize(8)),
    "RGB": ("BMP", lambda size: paint(3, size)),
    "RGBA": ("PNG", lambda size: see_through("RGBA", size)),
    "CMYK": ("TIFF", lambda size: paint(3, size).convert("CMYK")),
    "I;16": ("PNG", lambda size: ramp(np.uint16, 65535, size)),
    "I;16B": ("TIFF", lambda size: ramp(">u2", 65535, size)),
    "I": ("TIFF", lambda size: ramp(np.int32, 100_000, size)),
    "F, to 1": ("TIFF", lambda size: ramp(np.float32, 1, size)),
    "F, to 255": ("TIFF", lambda size: ramp(np.float32, 255, size)),
    "F, to 9": ("TIFF", lambda size: ramp(np.float32, -9, size)),
}


def see_through(mode: str, size: tuple[int, int]) -> Image.Image:
    image = paint(3, size).convert(mode)
    image.putalpha(paint(4, size).convert("L"))
    return image


@pytest.mark.parametrize("mode", MODES)
def test_strips_give_the_pixels_of_the_whole(mode: str) -> None:
    format, make = MODES[mode]
    assert ORDINARY[0] * ORDINARY[1] > STRIP_PIXELS
    options = {"transparency": 3} if "clear" in mode else {}
    data = encode(make(ORDINARY), format, **options)
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(whole(image).convert("RGB"), np.int16)
    got = np.asarray(open_picture(data).pixels, np.int16)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "I;16"])
def test_what_is_halved_gives_models_the_same_input(mode: str) -> None:
    """Within a grey level; at the hard edges of shapes a half row at the border counts more."""
    size = (4999, 3801)
    assert size[0] * size[1] > HELD_PIXELS
    format, make = MODES[mode]
    data = encode(make(size), format, **({"compress_level": 1} if format == "PNG" else {}))
    picture = open_picture(data)
    assert picture.pixels.size == (2500, 1901)
    assert (picture.width, picture.height) == size
    with Image.open(io.BytesIO(data)) as image:
        full = Picture(whole(image).convert("RGB"), *size)
    for side in (224, THUMBNAIL_SIZE):
        pair = [model_input(one, side, side).astype(np.int16) for one in (picture, full)]
        difference = np.abs(pair[0] - pair[1])
        assert difference.mean() < 0.2
        assert np.percentile(difference, 99) <= 1


def test_a_region_of_a_large_picture_keeps_its_pixels() -> None:
    image = paint(5, (4800, 4000))
    region = (0.5, 0.5, 0.6, 0.6)
    picture = open_picture(encode(image, "BMP"), side=6400, box=region)
    assert picture.pixels.size == (480, 400)
    expected = np.asarray(image.crop((2400, 2000, 2880, 2400)), np.int16)
    assert np.abs(np.asarray(picture.pixels, np.int16) - expected).max() <= 1


def test_jobs_never_take_more_than_the_budget_together() -> None:
    budget, lock, inside, most = Budget(100), threading.Lock(), [0], [0]
    costs = np.random.default_rng(0).integers(1, 101, 300)

    def job(cost: int) -> None:
        with budget.spend(cost):
            with lock:
                inside[0] += cost
                most[0] = max(most[0], inside[0])
            os.sched_yield()
            with lock:
                inside[0] -= cost

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(job, costs.tolist(), timeout=60))
    assert 50 < most[0] <= 100
    assert budget.used == budget.waiting == 0


def test_small_jobs_pass_a_large_one_but_not_for_ever() -> None:
    budget = Budget(100)
    order: list[str] = []

    def job(name: str, cost: int) -> None:
        with budget.spend(cost):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with budget.spend(50):
            jobs = [pool.submit(job, "large", 90)]
            wait_for(lambda: budget.waiting == 1)
            for _ in range(MAX_PASSES):
                job("small", 20)
            jobs.append(pool.submit(job, "late", 20))
            wait_for(lambda: budget.waiting == 2)
            assert order == ["small"] * MAX_PASSES
        for waiting in jobs:
            waiting.result(10)
    assert order == ["small"] * MAX_PASSES + ["large", "late"]
    assert budget.used == budget.waiting == 0


def test_a_job_that_fails_leaves_its_room() -> None:
    budget = Budget(100)
    with pytest.raises(BadImage), budget.spend(100):
        raise BadImage("It failed.")
    with budget.spend(100):
        assert budget.used == 100
    assert memory.decoding.used == 0
