"""Materials that a thing of its kind hardly ever has: a brick balloon, a hammer of glass."""

from collections.abc import Callable

import bpy

from tools.samples import materials
from tools.samples.graph import Graph, Value
from tools.samples.materials import Colour, darker


def checks(first: Colour, second: Colour, size: float = 0.03) -> bpy.types.Material:
    """Cubes of two colours in turn, `size` metres wide, under gloss paint."""

    def shade(g: Graph) -> Value:
        inputs = {"Vector": g.coords(), "Color1": first, "Color2": second, "Scale": 1 / size}
        tint = g.node("TexChecker", inputs).outputs[0]
        return g.principled(tint, 0.25, Coat_Weight=0.6)

    return materials.material("checks", shade)


def stripes(first: Colour, second: Colour, number: float = 16.0) -> bpy.types.Material:
    """Slanting bands as on a stick of rock, about `number` to the metre."""

    def shade(g: Graph) -> Value:
        bands = g.wave(g.coords(), number, 0.2, bands_direction="DIAGONAL")
        return g.principled(g.mix(g.step(bands, 0.46, 0.54), first, second), 0.2, Coat_Weight=0.8)

    return materials.material("stripes", shade)


def bricks(colour: Colour = (0.4, 0.1, 0.05)) -> bpy.types.Material:
    """Brickwork with pale joints, 3 cm a course."""

    def shade(g: Graph) -> Value:
        x, y, z = g.split(g.coords())
        wall = g.node(
            "TexBrick",
            {
                "Vector": g.join(g.math("ADD", x, y), z, 0.0),
                "Color1": colour,
                "Color2": darker(colour, 0.6),
                "Mortar": (0.6, 0.57, 0.52),
                "Scale": 18.0,
                "Mortar Size": 0.03,
            },
        ).outputs
        grit = g.noise(g.coords(), 160.0, 4.0)
        height = g.math("SUBTRACT", g.math("MULTIPLY", grit, 0.3), wall[1])
        return g.principled(wall[0], 0.9, Normal=g.bump(height, 0.6, 0.003))

    return materials.material("bricks", shade)


def spots(ground: Colour, ink: Colour, scale: float = 34.0) -> bpy.types.Material:
    """Fur with dark rosettes, as a leopard's."""

    def shade(g: Graph) -> Value:
        bent = g.noise(g.coords(), 22.0, 3.0, distortion=1.0)
        far = g.math("ADD", g.cells(g.coords(), scale), g.math("MULTIPLY", bent, 0.35))
        ring = g.ramp(far, [(0.42, darker(ground, 0.5)), (0.5, ink), (0.6, ink), (0.66, ground)])
        hair = g.noise(g.scale(g.coords(), (1, 1, 0.25)), 420.0, 4.0)
        return g.principled(ring, 0.85, Sheen_Weight=0.4, Normal=g.bump(hair, 0.5, 0.003))

    return materials.material("spots", shade)


def moss() -> bpy.types.Material:
    """Cushions of moss."""

    def shade(g: Graph) -> Value:
        tufts = g.noise(g.coords(), 55.0, 8.0, 0.7)
        greens = [(0.3, (0.02, 0.05, 0.01)), (0.5, (0.09, 0.2, 0.03)), (0.7, (0.25, 0.36, 0.07))]
        return g.principled(g.ramp(tufts, greens), 0.95, Normal=g.bump(tufts, 1.0, 0.02))

    return materials.material("moss", shade)


def knit(colour: Colour) -> bpy.types.Material:
    """Coarse knitting: ribs that wind round a thing."""

    def shade(g: Graph) -> Value:
        ribs = g.wave(g.coords(), 34.0, 0.6, bands_direction="Z")
        loops = g.cells(g.scale(g.coords(), (1, 1, 0.6)), 90.0)
        height = g.math("ADD", ribs, g.math("MULTIPLY", loops, 1.2))
        tint = g.mix(g.step(height, 0.2, 1.2), darker(colour, 0.35), colour)
        return g.principled(tint, 0.95, Sheen_Weight=0.6, Normal=g.bump(height, 0.9, 0.006))

    return materials.material("knit", shade)


def patches(colours: list[Colour], scale: float = 14.0) -> bpy.types.Material:
    """Camouflage: patches of four colours with hard edges."""

    def shade(g: Graph) -> Value:
        first = g.step(g.noise(g.coords(), scale, 2.0), 0.5, 0.505)
        second = g.step(g.noise(g.coords("Generated"), 4.0, 2.0), 0.52, 0.525)
        third = g.step(g.noise(g.coords(), scale * 1.7, 2.0), 0.58, 0.585)
        tint = g.mix(second, g.mix(first, colours[0], colours[1]), colours[2])
        return g.principled(g.mix(third, tint, colours[3]), 0.8)

    return materials.material("patches", shade)


COATS: dict[str, Callable[[], bpy.types.Material]] = {
    "chrome": lambda: materials.metal((0.9, 0.9, 0.92), 0.03),
    "bricks": bricks,
    "leopard": lambda: spots((0.62, 0.33, 0.1), (0.02, 0.012, 0.01)),
    "green glass": lambda: materials.glass((0.35, 0.85, 0.5)),
    "moss": moss,
    "candy": lambda: stripes((0.85, 0.84, 0.8), (0.62, 0.01, 0.03)),
    "rust": lambda: materials.rust((0.1, 0.22, 0.3), 0.75),
    "pink wool": lambda: knit((0.75, 0.16, 0.3)),
    "checks": lambda: checks((0.03, 0.03, 0.03), (0.85, 0.85, 0.82)),
    "black marble": lambda: materials.marble((0.025, 0.025, 0.03), (0.7, 0.55, 0.25), 4.0),
    "gold": lambda: materials.metal((0.95, 0.65, 0.22), 0.12),
    "camouflage": lambda: patches(
        [(0.1, 0.12, 0.05), (0.25, 0.2, 0.1), (0.03, 0.035, 0.02), (0.4, 0.36, 0.22)]
    ),
    "blue glass": lambda: materials.glass((0.3, 0.55, 0.95)),
    "bark": lambda: materials.rock((0.16, 0.1, 0.06), 14.0),
    "zebra": lambda: stripes((0.02, 0.02, 0.02), (0.8, 0.8, 0.78), 30.0),
    "copper": lambda: materials.metal((0.85, 0.4, 0.22), 0.18),
    "snow": materials.snow,
    "blue wool": lambda: knit((0.06, 0.16, 0.5)),
}
