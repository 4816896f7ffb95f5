"""Networks of transformers, in sizes of a few thousand weights."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
import transformers as hf
from torch import Tensor, nn

from tools.reference_networks import processors
from tools.reference_networks.processors import CLIP, HALF, IMAGENET, convnext, cropped, stretched
from tools.reference_networks.reference import Config, Export, Network, Outputs

TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 48,
    "patch_size": 8,
}
DINO = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "mlp_ratio": 2}
DYNAMO = {"exporter": "dynamo", "opset": 18}


# Of a text, for files of both towers.
WORDS = {"input_ids": torch.tensor([[1, 5, 7, 2]]), "attention_mask": torch.ones(1, 4).long()}


class Named(nn.Module):
    """Takes pixels and returns some of a model's outputs, as Optimum's exports do."""

    def __init__(self, model: nn.Module, outputs: tuple[str, ...], inputs: Iterable[str]) -> None:
        super().__init__()
        self.model, self.outputs, self.inputs = model, outputs, tuple(inputs)

    def forward(self, pixels: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
        more = dict(zip(self.inputs, others, strict=True))
        answer = self.model(pixel_values=pixels, **more)
        return tuple(answer[name] for name in self.outputs)


def cls(outputs: Outputs) -> Tensor:
    return outputs["last_hidden_state"][:, 0]


def pooled(outputs: Outputs) -> Tensor:
    return outputs["pooler_output"]


def mean_of_tokens(outputs: Outputs) -> Tensor:
    return outputs["last_hidden_state"].mean(1)


def image_embeds(outputs: Outputs) -> Tensor:
    return outputs["image_embeds"]


def first(outputs: Outputs) -> Tensor:
    return next(iter(outputs.values()))


RULES = {
    cls: "class token",
    pooled: "pooler_output",
    image_embeds: "image_embeds",
    mean_of_tokens: "mean of tokens",
}
TOKENS, POOLED = ("last_hidden_state",), ("last_hidden_state", "pooler_output")


def network(
    name: str, model: Any, outputs: tuple[str, ...], embed: Any, side: int, config: Config,
    *, export: dict[str, Any] | None = None, others: dict[str, Config] | None = None,
    inputs: dict[str, Tensor] | None = None,
) -> Network:  # fmt: skip
    """One with preprocessor_config.json and config.json beside it."""
    about = {
        "architectures": [type(model).__name__],
        "model_type": model.config.model_type,
    }
    return Network(
        name,
        Named(model, outputs, inputs or {}),
        outputs,
        embed,
        RULES.get(embed, outputs[0]),
        (side, side),
        {"config.json": about, "preprocessor_config.json": config},
        Export(**(export or {})),
        others or {},
        inputs or {},
    )


def transformers_of_patches() -> Iterator[Network]:
    """ViT, DINO, CLIP, SigLIP."""
    vit = hf.ViTConfig(**TINY)
    yield network(
        "vit", hf.ViTModel(vit, add_pooling_layer=False), TOKENS, cls, 48,
        stretched(48, "ViTImageProcessor", 2, HALF), others=processors.OTHERS_OF_48,
    )  # fmt: skip
    yield network(
        "vit-tanh-pooler", hf.ViTModel(vit), POOLED, cls, 48,
        {"feature_extractor_type": "ViTFeatureExtractor", "size": 48, "resample": 2, **HALF},
        export=DYNAMO,
    )  # fmt: skip
    # In operators that are older than the set that knows attention.
    classes = hf.ViTConfig(**TINY, num_labels=20, attn_implementation="eager")
    yield network(
        "vit-logits", hf.ViTForImageClassification(classes),
        ("logits",), first, 48, stretched(48, "ViTImageProcessor", 2, HALF),
        export={"batch": 1, "opset": 11},
    )  # fmt: skip
    crop = cropped(47, 42, "BitImageProcessor", 3, IMAGENET)
    dino = hf.Dinov2Config(**DINO, image_size=42, patch_size=14)
    yield network("dinov2", hf.Dinov2Model(dino), TOKENS, cls, 42, crop)
    registers = hf.Dinov2WithRegistersConfig(**DINO, image_size=42, patch_size=14)
    yield network(
        "dinov2-registers", hf.Dinov2WithRegistersModel(registers), TOKENS, cls, 42, crop,
        export={**DYNAMO, "batch": 1},
    )  # fmt: skip
    yield network(
        "dinov3", hf.DINOv3ViTModel(hf.DINOv3ViTConfig(**TINY, num_register_tokens=4)), POOLED,
        pooled, 48, stretched(48, "DINOv3ViTImageProcessorFast", 2, IMAGENET), export=DYNAMO,
    )  # fmt: skip
    clip = hf.CLIPVisionConfig(**TINY, projection_dim=24)
    yield network(
        "clip", hf.CLIPVisionModelWithProjection(clip), ("image_embeds", "last_hidden_state"),
        image_embeds, 48, cropped(48, 48, "CLIPImageProcessor", 3, CLIP),
        export={"file": "onnx/vision_model.onnx"},
    )  # fmt: skip
    siglip = hf.SiglipVisionConfig(**TINY)
    yield network(
        "siglip", hf.SiglipVisionModel(siglip), POOLED, pooled, 48,
        stretched(48, "SiglipImageProcessor", 3, HALF),
        export={"file": "onnx/vision_model.onnx", "batch": 1},
    )  # fmt: skip
    yield network(
        "siglip2", hf.SiglipVisionModel(siglip), POOLED, pooled, 48,
        stretched(48, "SiglipImageProcessor", 2, HALF),
        export={"file": "onnx/vision_model.onnx", **DYNAMO},
    )  # fmt: skip


def networks_of_maps() -> Iterator[Network]:
    """Swin and the convolutional ones."""
    heads = {"embed_dim": 12, "depths": [2, 1], "num_heads": [2, 2], "window_size": 4}
    swin = hf.SwinConfig(image_size=64, patch_size=4, **heads)
    wide = stretched(64, "ViTImageProcessor", 3, IMAGENET)
    yield network("swin", hf.SwinModel(swin), POOLED, pooled, 64, wide)
    old = hf.SwinConfig(image_size=64, patch_size=4, attn_implementation="eager", **heads)
    yield network(
        "swin-tokens", hf.SwinModel(old, add_pooling_layer=False), TOKENS, mean_of_tokens, 64,
        wide, export={"batch": 1, "opset": 12},
    )  # fmt: skip
    four = {"hidden_sizes": [8, 12, 16, 24], "depths": [1, 1, 1, 1]}
    convnext_model = hf.ConvNextModel(hf.ConvNextConfig(**four))
    yield network("convnext", convnext_model, POOLED, pooled, 64, convnext(64))
    resnet = hf.ResNetModel(hf.ResNetConfig(embedding_size=8, **four))
    yield network(
        "resnet", resnet, POOLED, pooled, 64, convnext(64), others=processors.OTHERS_OF_ANY
    )
    small = {"depth_multiplier": 0.1, "finegrained_output": False, "min_depth": 4}
    yield network(
        "mobilenet-v2", hf.MobileNetV2Model(hf.MobileNetV2Config(**small)), POOLED, pooled, 64,
        cropped(73, 64, "MobileNetV2ImageProcessor", 2, HALF), export=DYNAMO,
    )  # fmt: skip
    scaled = {"width_coefficient": 0.05, "depth_coefficient": 0.2, "hidden_dim": 64}
    efficient = hf.EfficientNetModel(hf.EfficientNetConfig(**scaled, image_size=64))
    yield network(
        "efficientnet", efficient, POOLED, pooled, 64,
        stretched(64, "EfficientNetImageProcessor", 0, IMAGENET) | {"include_top": True},
    )  # fmt: skip


def joint_clip() -> Network:
    """CLIP whole: one file of both towers, where there is no vision_model.onnx."""
    text = {"vocab_size": 99, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    model = hf.CLIPModel(
        hf.CLIPConfig(
            text_config={**text, "num_attention_heads": 2, "max_position_embeddings": 8},
            vision_config={**TINY, "num_hidden_layers": 1, "num_attention_heads": 2},
            projection_dim=24,
        )
    )
    return network(
        "clip-joint", model, ("logits_per_image", "text_embeds", "image_embeds"),
        image_embeds, 48, cropped(54, 48, "CLIPImageProcessor", 3, CLIP), inputs=WORDS,
    )  # fmt: skip


def build() -> Iterator[Network]:
    yield from transformers_of_patches()
    yield from networks_of_maps()
    yield joint_clip()
