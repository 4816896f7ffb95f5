"""Networks of timm and open_clip."""

from collections.abc import Iterator
from typing import Any

import timm
from open_clip.model import CLIPVisionCfg, _build_vision_tower
from timm.models._efficientnet_builder import decode_arch_def
from timm.models.mobilenetv3 import MobileNetV3
from torch import Tensor, nn
from torch.nn import functional

from tools.reference_networks import processors
from tools.reference_networks.reference import Config, Export, Network, Outputs

DYNAMO: dict[str, Any] = {"exporter": "dynamo", "opset": 18}
# mobilenetv3_small's kinds of blocks, one of each.
MOBILENET_V3 = [
    ["ds_r1_k3_s2_e1_c8_se0.25_nre"],
    ["ir_r1_k3_s2_e4_c12_nre"],
    ["ir_r1_k5_s2_e4_c16_se0.25"],
    ["cn_r1_k1_s1_c48"],
]


class Features(nn.Module):
    """timm's `forward_features`: what comes before pooling."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: Tensor) -> tuple[Tensor]:
        return (self.model.forward_features(pixels),)


class Answer(nn.Module):
    """The model as it is called, perhaps of unit length."""

    def __init__(self, model: nn.Module, normalised: bool = False) -> None:
        super().__init__()
        self.model, self.normalised = model, normalised

    def forward(self, pixels: Tensor) -> tuple[Tensor]:
        answer = self.model(pixels)
        return (functional.normalize(answer, dim=-1) if self.normalised else answer,)


def whole(outputs: Outputs) -> Tensor:
    (answer,) = outputs.values()
    return answer


def mean_channels_last(outputs: Outputs) -> Tensor:
    return whole(outputs).mean((1, 2))


def mean_channels_first(outputs: Outputs) -> Tensor:
    return whole(outputs).mean((2, 3))


def network(
    name: str, module: nn.Module, embed: Any, rule: str, side: int, config: Config,
    output: str = "output", others: dict[str, Config] | None = None, **export: Any,
) -> Network:  # fmt: skip
    given = {"file": "model.onnx", "input": "x", "free_sides": False, **export}
    beside = {"config.json": config}
    made = Export(**given)
    return Network(
        name, module, (output,), embed, rule, (side, side), beside, made, others or {}
    )  # fmt: skip


def of_timm() -> Iterator[Network]:
    """Classifiers, pooled features, and maps with the channels first and last."""
    swin = timm.create_model(
        "swin_tiny_patch4_window7_224", img_size=64, window_size=4, embed_dim=12,
        depths=(2, 1), num_heads=(2, 2), num_classes=0,
    )  # fmt: skip
    yield network(
        "timm-swin-map", Features(swin), mean_channels_last, "mean of a map, channels last", 64,
        processors.timm(64, 0.9), **DYNAMO, batch=1,
    )  # fmt: skip
    convnext = timm.create_model(
        "test_convnext", dims=(8, 12, 16, 24), depths=(1, 1, 1, 1), num_classes=0
    )
    yield network(
        "timm-convnext", Answer(convnext), whole, "pooled features", 64,
        processors.timm(64, 0.95), **DYNAMO,
    )  # fmt: skip
    resnet = timm.create_model("test_resnet", layers=(1, 1, 1, 1), channels=(8, 8, 8, 16))
    yield network(
        "timm-resnet-map", Features(resnet), mean_channels_first, "mean of a map", 64,
        processors.timm(64, 0.95, "bilinear"), opset=13, batch=1,
    )  # fmt: skip
    efficientnet = timm.create_model("test_efficientnet", channel_multiplier=0.3, num_classes=16)
    yield network(
        "timm-efficientnet-logits", Answer(efficientnet), whole, "logits", 64,
        processors.timm(64, 0.875), **DYNAMO,
    )  # fmt: skip
    blocks = decode_arch_def(MOBILENET_V3)
    mobilenet = MobileNetV3(blocks, num_classes=0, num_features=32, stem_size=8)
    yield network(
        "timm-mobilenet-v3", Answer(mobilenet), whole, "pooled features", 64,
        processors.timm(64, 0.875, "bilinear"), others=processors.TIMM_OTHERS, opset=17,
        free_sides=True,
    )  # fmt: skip
    vit = timm.create_model(
        "test_vit", img_size=48, patch_size=8, embed_dim=24, depth=2, num_heads=2, num_classes=0,
        dynamic_img_size=False,
    )  # fmt: skip
    yield network(
        "timm-vit-tokens", Features(vit), lambda outputs: whole(outputs)[:, 0], "class token", 48,
        processors.timm(48, 0.9), opset=17,
    )  # fmt: skip


def of_open_clip() -> Iterator[Network]:
    """As immich exports them."""
    for mode, batch in (("shortest", None), ("squash", 1)):
        config = CLIPVisionCfg(layers=2, width=24, head_width=12, patch_size=8, image_size=48)
        tower = _build_vision_tower(24, config)
        yield Network(
            f"open-clip-{mode}", Answer(tower, normalised=True), ("embedding",), whole,
            "embedding", (48, 48), {"visual/preprocess_cfg.json": processors.open_clip(48, mode)},
            Export("visual/model.onnx", batch=batch, input="image", opset=17, free_sides=False),
        )  # fmt: skip


def build() -> Iterator[Network]:
    yield from of_timm()
    yield from of_open_clip()
