"""A shader graph written as expressions: every helper gives a socket another takes."""

from collections.abc import Sequence
from typing import Any

import bpy

Value = Any  # a socket, a number, or a colour or vector as a sequence


class Graph:
    """The nodes of a material or a world."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree
        tree.nodes.clear()

    def node(self, kind: str, inputs: dict[Any, Value] | None = None, **props: Any) -> Any:
        """A node ('TexNoise' for ShaderNodeTexNoise) with properties and inputs set."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in props.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            self.put(node.inputs[key], value)
        return node

    def put(self, socket: Any, value: Value) -> None:
        """Link a socket or set a constant; three numbers do where a colour wants four."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, (int, float)):
            many = socket.type in ("RGBA", "VECTOR")
            socket.default_value = (
                ([value] * 3 + [1.0])[: len(socket.default_value)] if many else value
            )
        else:
            full = [*value, 1.0] if socket.type == "RGBA" and len(value) == 3 else value
            socket.default_value = full

    def output(self, kind: str, surface: Value) -> None:
        """End the graph: kind 'Material' or 'World'."""
        self.node(f"Output{kind}", {"Surface": surface})

    def coords(self, kind: str = "Object") -> Value:
        """Where a point is: 'Object' (metres, turns with it), 'Generated' (0 to 1), 'UV'."""
        return self.node("TexCoord").outputs[kind]

    def position(self) -> Value:
        return self.node("NewGeometry").outputs["Position"]

    def normal(self) -> Value:
        return self.node("NewGeometry").outputs["Normal"]

    def distance(self) -> Value:
        """Metres from the camera."""
        return self.node("CameraData").outputs["View Distance"]

    def random(self) -> Value:
        """A number from 0 to 1 that differs between objects that share a material."""
        return self.node("ObjectInfo").outputs["Random"]

    def split(self, vector: Value) -> Any:
        return self.node("SeparateXYZ", {0: vector}).outputs

    def join(self, x: Value, y: Value, z: Value) -> Value:
        return self.node("CombineXYZ", {0: x, 1: y, 2: z}).outputs[0]

    def math(self, operation: str, a: Value, b: Value = 0.0, clamp: bool = False) -> Value:
        """'ADD', 'MULTIPLY', 'POWER', 'SINE'… of numbers."""
        return self.node("Math", {0: a, 1: b}, operation=operation, use_clamp=clamp).outputs[0]

    def scale(self, vector: Value, by: Sequence[float], turn: Sequence[float] = (0, 0, 0)) -> Value:
        """A vector stretched by three factors and turned by three angles in radians."""
        return self.node("Mapping", {"Vector": vector, "Scale": by, "Rotation": turn}).outputs[0]

    def noise(
        self,
        vector: Value,
        scale: float,
        detail: float = 4.0,
        roughness: float = 0.5,
        distortion: float = 0.0,
    ) -> Value:
        """Fractal noise, about 0.3 to 0.7."""
        inputs = {
            "Vector": vector,
            "Scale": scale,
            "Detail": detail,
            "Roughness": roughness,
            "Distortion": distortion,
        }
        return self.node("TexNoise", inputs).outputs[0]

    def cells(self, vector: Value, scale: float, feature: str = "F1") -> Value:
        """Voronoi distance; 'DISTANCE_TO_EDGE' draws cracks."""
        inputs = {"Vector": vector, "Scale": scale}
        return self.node("TexVoronoi", inputs, feature=feature).outputs["Distance"]

    def wave(self, vector: Value, scale: float, distortion: float = 0.0, **props: Any) -> Value:
        """Bands (wave_type='RINGS' for rings; bands_direction='X', 'Y', 'Z')."""
        inputs = {"Vector": vector, "Scale": scale, "Distortion": distortion, "Detail": 3.0}
        return self.node("TexWave", inputs, **props).outputs[1]

    def ramp(self, factor: Value, stops: Sequence[tuple[float, Sequence[float]]]) -> Value:
        """Colours by position, from 0 to 1, in order."""
        node = self.node("ValToRGB", {0: factor})
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(1.0)
        for element, (at, colour) in zip(elements, stops, strict=True):
            element.position = min(max(at, 0.0), 1.0)
            element.color = (*colour[:3], 1.0)
        return node.outputs[0]

    def step(self, value: Value, start: float, end: float) -> Value:
        """0 below `start`, 1 above `end`, smooth between."""
        inputs = {"Value": value, "From Min": start, "From Max": end}
        return self.node("MapRange", inputs, interpolation_type="SMOOTHSTEP").outputs[0]

    def mix(self, factor: Value, a: Value, b: Value, blend: str = "MIX") -> Value:
        """Two colours mixed ('MIX', 'MULTIPLY', 'OVERLAY'…)."""
        node = self.node("MixRGB", {0: factor, 1: a, 2: b}, blend_type=blend)
        return node.outputs[0]

    def bump(self, height: Value, strength: float, distance: float = 0.01) -> Value:
        """A normal from heights of `distance` metres."""
        inputs = {"Height": height, "Strength": strength, "Distance": distance}
        return self.node("Bump", inputs).outputs[0]

    def blend(self, factor: Value, a: Value, b: Value) -> Value:
        """Two shaders mixed."""
        return self.node("MixShader", {0: factor, 1: a, 2: b}).outputs[0]

    def principled(self, colour: Value, roughness: Value = 0.5, **more: Value) -> Value:
        """The all-purpose shader; more inputs by name with _ for space, e.g. Coat_Weight=1."""
        inputs = {"Base Color": colour, "Roughness": roughness}
        inputs |= {key.replace("_", " "): value for key, value in more.items()}
        return self.node("BsdfPrincipled", inputs).outputs[0]
