"""Render the sample pictures with Blender's Python module: see sample_images/README.md.

Needs `pip install bpy==4.5.* pillow` in a separate environment of Python 3.11, which the app does
not use. Pictures that are up to date are skipped, so it can be stopped and started again.
"""

import argparse
import importlib
import pkgutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.samples.shot import QUERY, Shot  # noqa: E402


def kinds() -> list[str]:
    """Return the names of the modules in tools/samples/kinds."""
    modules = pkgutil.iter_modules([str(ROOT / "tools" / "samples" / "kinds")])
    return sorted(module.name for module in modules)


def render(shot: Shot, target: Path, samples: int, percent: int) -> None:
    """Build one scene, and write its picture atomically.

    Args:
        shot: The scene.
        target: The JPEG file.
        samples: Paths per pixel.
        percent: Size of the rendering, as a percentage of the final size.
    """
    from tools.samples import scene
    from tools.samples.finish import develop, meter

    module = importlib.import_module(f"tools.samples.kinds.{shot.kind}")
    stage = scene.reset()
    stage.render.resolution_x, stage.render.resolution_y = shot.size
    stage.render.resolution_percentage = percent
    stage.cycles.samples = samples
    stage.cycles.seed = shot.seed
    stage.render.image_settings.file_format = "PNG"
    stage.render.image_settings.compression = 0  # the file lives a moment
    draw = module.build(shot)
    import bpy

    with tempfile.TemporaryDirectory() as folder:
        if draw:
            develop(draw(Path(folder)), target, shot.seed, shot.recipe())
            return
        raw = Path(folder) / "raw.png"
        bpy.ops.render.render()

        def write(exposure: float) -> Path:
            stage.view_settings.exposure = exposure
            bpy.data.images["Render Result"].save_render(str(raw), scene=stage)
            return raw

        develop(meter(write, stage.view_settings.exposure), target, shot.seed, shot.recipe())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="KIND", default=kinds())
    parser.add_argument("--samples", type=int, default=4, help="paths a pixel, at most")
    parser.add_argument("--percent", type=int, default=100, help="of the final size")
    parser.add_argument("--out", type=Path, default=ROOT / "sample_images")
    parser.add_argument("--sheet", action="store_true", help="only write docs/samples.jpg")
    options = parser.parse_args()
    if options.sheet:
        from tools.samples.finish import contact_sheet

        contact_sheet(options.out, ROOT / "docs" / "samples.jpg")
        return 0
    from tools.samples.finish import up_to_date

    shots = [
        shot
        for kind in options.only
        for shot in importlib.import_module(f"tools.samples.kinds.{kind}").SHOTS
    ]
    missing = [shot for shot in shots if not up_to_date(shot.path(options.out), shot.recipe())]
    print(f"{len(missing)} of {len(shots)} pictures to render.", flush=True)
    for number, shot in enumerate(missing, 1):
        start = time.monotonic()
        render(shot, shot.path(options.out), options.samples, options.percent)
        label = shot.kind if shot.name == QUERY else f"{shot.kind}/{shot.name}"
        print(f"{number}/{len(missing)} {label} {time.monotonic() - start:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
