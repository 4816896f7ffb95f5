"""Materials made of nodes. Colours are linear RGB; `scale` makes the pattern finer."""

from collections.abc import Callable, Sequence

import bpy

from tools.samples.graph import Graph, Value

Colour = Sequence[float]


def material(name: str, shade: Callable[[Graph], Value]) -> bpy.types.Material:
    """A material from a function that writes its graph and gives the shader."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    graph = Graph(made.node_tree)
    graph.output("Material", shade(graph))
    return made


def darker(colour: Colour, by: float) -> tuple[float, float, float]:
    r, g, b = (part * by for part in colour[:3])
    return r, g, b


def paint(colour: Colour, roughness: float = 0.35, coat: float = 0.3) -> bpy.types.Material:
    """Gloss paint, a little uneven."""

    def shade(g: Graph) -> Value:
        spots = g.noise(g.coords(), 6.0, 6.0)
        tint = g.mix(g.step(spots, 0.35, 0.7), darker(colour, 0.85), colour)
        bump = g.bump(g.noise(g.coords(), 90.0, 2.0), 0.06, 0.002)
        return g.principled(tint, roughness, Coat_Weight=coat, Normal=bump)

    return material("paint", shade)


def glaze(colour: Colour, speckle: float = 0.0, roughness: float = 0.12) -> bpy.types.Material:
    """Glazed ceramic; speckle from 0 to 1 as on stoneware."""

    def shade(g: Graph) -> Value:
        cloudy = g.step(g.noise(g.coords(), 12.0, 5.0), 0.35, 0.7)
        tint = g.mix(cloudy, darker(colour, 0.8), colour)
        if speckle > 0:
            dots = g.step(g.noise(g.coords(), 160.0, 2.0), 0.68, 0.72)
            tint = g.mix(g.math("MULTIPLY", dots, speckle), tint, (0.06, 0.04, 0.03))
        bump = g.bump(g.noise(g.coords(), 40.0, 2.0), 0.08, 0.002)
        return g.principled(tint, roughness, Coat_Weight=0.6, Coat_Roughness=0.04, Normal=bump)

    return material("glaze", shade)


def wood(
    colour: Colour = (0.32, 0.16, 0.07),
    scale: float = 1.0,
    roughness: float = 0.45,
    planks: float = 0.0,
) -> bpy.types.Material:
    """Wood with its grain along X; planks of that width in metres along Y where not 0."""

    def shade(g: Graph) -> Value:
        where = g.coords()
        x, y, z = g.split(where)
        gap: Value = 0.0
        shift: Value = 0.0
        if planks > 0:
            row = g.math("DIVIDE", y, planks)
            shift = g.math("MULTIPLY", g.math("FLOOR", row), 7.31)
            across = g.math("ABSOLUTE", g.math("SUBTRACT", g.math("FRACT", row), 0.5))
            gap = g.step(across, 0.485, 0.5)
        grain = g.join(g.math("ADD", g.math("MULTIPLY", x, 0.12), shift), y, z)
        rings = g.wave(
            grain, 9.0 * scale, 7.0, wave_type="BANDS", bands_direction="Y", wave_profile="SAW"
        )
        fibres = g.noise(g.scale(grain, (1, 14, 14)), 14.0 * scale, 6.0, 0.65)
        broad = g.noise(grain, 2.5 * scale, 3.0)
        tone = g.math(
            "ADD",
            g.math("MULTIPLY", rings, 0.35),
            g.math("ADD", g.math("MULTIPLY", fibres, 0.45), g.math("MULTIPLY", broad, 0.3)),
        )
        tint = g.ramp(
            tone, [(0.25, darker(colour, 0.42)), (0.55, colour), (0.9, darker(colour, 1.5))]
        )
        tint = g.mix(gap, tint, darker(colour, 0.08))
        height = g.math("SUBTRACT", fibres, g.math("MULTIPLY", gap, 3.0))
        return g.principled(tint, roughness, Normal=g.bump(height, 0.3, 0.002))

    return material("wood", shade)


def marble(
    colour: Colour = (0.85, 0.84, 0.82), vein: Colour = (0.2, 0.2, 0.22), scale: float = 1.0
) -> bpy.types.Material:
    """Polished marble with veins."""

    def shade(g: Graph) -> Value:
        bent = g.noise(g.coords(), 3.0 * scale, 8.0, 0.6, distortion=2.2)
        thread = g.math("ABSOLUTE", g.math("SUBTRACT", bent, 0.5))
        lines = g.ramp(thread, [(0.0, vein), (0.02, darker(colour, 0.75)), (0.1, colour)])
        return g.principled(lines, 0.12, Coat_Weight=0.3)

    return material("marble", shade)


def glass(colour: Colour = (0.95, 1.0, 0.98), roughness: float = 0.0) -> bpy.types.Material:
    """Clear glass; shadows let light through, for caustics are off."""

    def shade(g: Graph) -> Value:
        clear = g.principled(colour, roughness, Transmission_Weight=1.0, IOR=1.45)
        through = g.node("BsdfTransparent", {0: colour}).outputs[0]
        return g.blend(g.node("LightPath").outputs["Is Shadow Ray"], clear, through)

    return material("glass", shade)


def metal(
    colour: Colour = (0.75, 0.75, 0.76), roughness: float = 0.25, brushed: bool = False
) -> bpy.types.Material:
    """Steel, brass, copper… by colour, with smudges; brushed along X on request."""

    def shade(g: Graph) -> Value:
        smudge = g.step(g.noise(g.coords(), 5.0, 6.0, 0.65), 0.35, 0.75)
        rough = g.math("ADD", g.math("MULTIPLY", smudge, 0.12), roughness)
        stretch = (1, 90, 90) if brushed else (30, 30, 30)
        bump = g.bump(g.noise(g.scale(g.coords(), stretch), 8.0, 3.0), 0.08, 0.001)
        return g.principled(colour, rough, Metallic=1.0, Normal=bump)

    return material("metal", shade)


def rust(colour: Colour = (0.35, 0.37, 0.4), amount: float = 0.5) -> bpy.types.Material:
    """Painted iron with rust eating `amount` of it."""

    def shade(g: Graph) -> Value:
        eaten = g.noise(g.coords(), 4.0, 10.0, 0.7)
        edge = 0.75 - 0.5 * amount
        mask = g.step(eaten, edge, edge + 0.06)
        grit = g.noise(g.coords(), 40.0, 6.0, 0.7)
        brown = g.ramp(grit, [(0.3, (0.05, 0.02, 0.01)), (0.7, (0.32, 0.11, 0.03))])
        rough = g.math("ADD", g.math("MULTIPLY", mask, 0.5), 0.35)
        bump = g.bump(g.math("ADD", mask, g.math("MULTIPLY", grit, 0.5)), 0.4, 0.003)
        return g.principled(g.mix(mask, colour, brown), rough, Normal=bump)

    return material("rust", shade)


def fabric(colour: Colour, scale: float = 1.0, sheen: float = 0.3) -> bpy.types.Material:
    """Woven cloth, with thread a millimetre wide at scale 1."""

    def shade(g: Graph) -> Value:
        where = g.coords()
        warp = g.wave(where, 160.0 * scale, 0.6, bands_direction="X")
        weft = g.wave(where, 160.0 * scale, 0.6, bands_direction="Y")
        weave = g.math("MULTIPLY", g.math("ADD", warp, weft), 0.5)
        worn = g.noise(where, 7.0, 5.0)
        tint = g.mix(g.step(worn, 0.3, 0.7), darker(colour, 0.8), colour)
        tint = g.mix(g.math("MULTIPLY", weave, 0.3), tint, darker(colour, 0.5))
        bump = g.bump(weave, 0.3, 0.002)
        return g.principled(tint, 0.9, Sheen_Weight=sheen, Normal=bump)

    return material("fabric", shade)


def rubber(colour: Colour = (0.02, 0.02, 0.02)) -> bpy.types.Material:
    def shade(g: Graph) -> Value:
        grain = g.noise(g.coords(), 120.0, 3.0)
        tint = g.mix(g.step(g.noise(g.coords(), 8.0), 0.4, 0.7), colour, darker(colour, 1.8))
        return g.principled(tint, 0.65, Normal=g.bump(grain, 0.15, 0.002))

    return material("rubber", shade)


def leaf(colour: Colour = (0.06, 0.2, 0.03)) -> bpy.types.Material:
    """Leaves that light shines through; each object has its own shade of green."""

    def shade(g: Graph) -> Value:
        own = g.mix(g.random(), darker(colour, 0.6), darker(colour, 1.35))
        tint = g.mix(g.step(g.noise(g.coords(), 14.0), 0.35, 0.7), own, darker(colour, 0.75))
        front = g.principled(tint, 0.45)
        lit = g.node("BsdfTranslucent", {0: darker(colour, 1.6)}).outputs[0]
        return g.blend(0.3, front, lit)

    return material("leaf", shade)


def sand(colour: Colour = (0.62, 0.41, 0.22), ripples: float = 0.0) -> bpy.types.Material:
    """Sand; ripples that many to the metre (0: none) across X."""

    def shade(g: Graph) -> Value:
        where = g.position()
        grit = g.noise(where, 60.0, 4.0, 0.7)
        tint = g.mix(g.step(g.noise(where, 0.05, 5.0), 0.3, 0.7), darker(colour, 0.82), colour)
        tint = g.mix(g.step(grit, 0.35, 0.65), darker(colour, 0.8), tint)
        normal = g.bump(grit, 0.15, 0.01)
        if ripples > 0:
            crest = g.wave(where, ripples, 3.0, bands_direction="X")
            normal = g.node(
                "Bump",
                {"Height": crest, "Strength": 0.5, "Distance": 0.25 / ripples, "Normal": normal},
            ).outputs[0]
        return g.principled(tint, 0.95, Normal=normal)

    return material("sand", shade)


def snow() -> bpy.types.Material:
    def shade(g: Graph) -> Value:
        soft = g.noise(g.position(), 2.0, 8.0, 0.6)
        tint = g.mix(soft, (0.78, 0.84, 0.92), (0.93, 0.95, 0.97))
        return g.principled(tint, 0.55, Normal=g.bump(soft, 0.3, 0.05))

    return material("snow", shade)


def rock(colour: Colour = (0.22, 0.2, 0.18), scale: float = 1.0) -> bpy.types.Material:
    """Rock with cracks and strata; a metre or so a feature at scale 1."""

    def shade(g: Graph) -> Value:
        where = g.position()
        rough = g.noise(where, 2.0 * scale, 10.0, 0.65)
        cracks = g.step(g.cells(where, 1.3 * scale, "DISTANCE_TO_EDGE"), 0.0, 0.08)
        tint = g.ramp(
            rough, [(0.3, darker(colour, 0.45)), (0.55, colour), (0.75, darker(colour, 1.6))]
        )
        height = g.math("ADD", rough, g.math("MULTIPLY", cracks, 0.3))
        return g.principled(tint, 0.9, Normal=g.bump(height, 0.8, 0.15 / scale))

    return material("rock", shade)


def water(colour: Colour = (0.01, 0.05, 0.07), scale: float = 1.0) -> bpy.types.Material:
    """Open water, seen from above: dark below, bright at a slant, with ripples."""

    def shade(g: Graph) -> Value:
        small = g.noise(g.position(), 1.6 * scale, 6.0, 0.6)
        return g.principled(colour, 0.06, IOR=1.33, Normal=g.bump(small, 0.35, 0.12 / scale))

    return material("water", shade)


def glow(colour: Colour, strength: float) -> bpy.types.Material:
    """A lamp or a lit window."""

    def shade(g: Graph) -> Value:
        return g.node("Emission", {"Color": colour, "Strength": strength}).outputs[0]

    return material("glow", shade)
