"""Text sides of CLIP, SigLIP and SigLIP 2, as people export them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from open_clip.transformer import TextTransformer
from torch import Tensor, nn

from tools.reference_networks import text_tokenizers
from tools.reference_networks.text_tokenizers import CLIP_SIZE
from tools.reference_networks.transformers_networks import TINY

SPACE = 24  # dimensions of the vectors, as of the image sides in tests/networks
LAYERS = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
HIDDEN = 16
Tokenize = Callable[[str], dict[str, Tensor]]


@dataclass(frozen=True)
class TextNetwork:
    """A text side, its tokenizer, and how people export it."""

    name: str
    vision: str  # the network of tests/networks that its image side is; "" if it has both
    module: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    embedding: str
    tokenizer: Callable[[Path], None]
    tokenizer_class: Any
    length: int
    pad: bool  # whether the reference pads every text to the length
    file: str = "onnx/text_model.onnx"
    folder: str = ""  # of the tokenizer
    configs: dict[str, Any] = field(default_factory=dict)
    dynamo: bool = False
    fixed: bool = False  # one text of the whole length
    integers: torch.dtype = torch.int64
    strips: bool = False


class Chosen(nn.Module):
    """Takes tokens and returns some of a model's outputs."""

    def __init__(self, model: nn.Module, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        answer = self.model(**dict(zip(self.inputs, values, strict=True)))
        return tuple(answer[name] for name in self.outputs)


class Whole(nn.Module):
    """open_clip's text tower: tokens to vectors."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *values: Tensor) -> tuple[Tensor]:
        return (self.model(values[0].long()),)


def _clip_text() -> dict[str, Any]:
    tokens = {
        "bos_token_id": CLIP_SIZE - 2,
        "eos_token_id": CLIP_SIZE - 1,
        "pad_token_id": CLIP_SIZE - 1,
    }
    return {"vocab_size": CLIP_SIZE, "hidden_size": HIDDEN, **LAYERS, **tokens}


def of_transformers() -> Iterator[TextNetwork]:
    """As in Xenova/* and onnx-community/*."""
    text = hf.CLIPTextConfig(**_clip_text(), projection_dim=SPACE, attn_implementation="eager")
    inputs, outputs = ("input_ids",), ("text_embeds", "last_hidden_state")
    model = hf.CLIPTextModelWithProjection(text)
    yield TextNetwork(
        "clip", "clip", Chosen(model, inputs, outputs), inputs, outputs, "text_embeds",
        text_tokenizers.clip, hf.CLIPTokenizer, 77, pad=False,
        configs={"config.json": {"model_type": "clip", "text_config": {"vocab_size": CLIP_SIZE}}},
    )  # fmt: skip
    outputs = ("last_hidden_state", "pooler_output")
    for name, tokenizer, kind, size in (
        ("siglip", text_tokenizers.siglip, hf.SiglipTokenizer, 197),
        ("siglip2", text_tokenizers.siglip2, hf.Siglip2Tokenizer, 480),
    ):
        config = hf.SiglipTextConfig(
            vocab_size=size, hidden_size=HIDDEN, **LAYERS, projection_size=SPACE,
            attn_implementation="eager",
        )  # fmt: skip
        model = hf.SiglipTextModel(config)
        yield TextNetwork(
            name, name, Chosen(model, inputs, outputs), inputs, outputs, "pooler_output",
            tokenizer, kind, 64, pad=True, dynamo=name == "siglip2", strips=name == "siglip",
            configs={"config.json": {"model_type": "siglip", "text_config": {"vocab_size": size}}},
        )  # fmt: skip


def joint_clip() -> TextNetwork:
    """CLIP in one file, with a mask of the tokens."""
    config = hf.CLIPConfig(
        text_config=_clip_text(),
        vision_config={**TINY, "num_hidden_layers": 1},
        projection_dim=SPACE,
        attn_implementation="eager",
    )
    inputs = ("input_ids", "pixel_values", "attention_mask")
    outputs = ("logits_per_image", "logits_per_text", "text_embeds", "image_embeds")
    return TextNetwork(
        "clip-joint", "", Chosen(hf.CLIPModel(config), inputs, outputs), inputs, outputs,
        "text_embeds", text_tokenizers.clip, hf.CLIPTokenizer, 77, pad=False,
        file="onnx/model.onnx", configs={"config.json": {"model_type": "clip"}},
    )  # fmt: skip


def of_open_clip() -> Iterator[TextNetwork]:
    """As immich exports them, and MobileCLIP, whose attention looks at the padding."""
    sizes: dict[str, Any] = {"width": HIDDEN, "heads": 2, "layers": 2, "mlp_ratio": 1.5}
    sizes |= {"context_length": 77, "vocab_size": CLIP_SIZE, "output_dim": SPACE}
    config = {
        "embed_dim": SPACE,
        "vision_cfg": {"image_size": 48, "layers": 2, "width": 24, "patch_size": 8},
        "text_cfg": {"context_length": 77, "vocab_size": CLIP_SIZE, "width": HIDDEN, "heads": 2},
    }
    yield TextNetwork(
        "open-clip", "open-clip-shortest", Whole(TextTransformer(**sizes)), ("text",),
        ("embedding",), "embedding", text_tokenizers.clip, hf.CLIPTokenizer, 77, pad=True,
        file="textual/model.onnx", folder="textual", configs={"config.json": config}, fixed=True,
        integers=torch.int32,
    )  # fmt: skip
    tower = TextTransformer(**sizes, no_causal_mask=True)
    yield TextNetwork(
        "mobileclip", "clip", Whole(tower), ("input_ids",), ("text_embeds",), "text_embeds",
        lambda folder: text_tokenizers.clip(folder, pad="!"), hf.CLIPTokenizer, 77, pad=True,
        dynamo=True,
        configs={"config.json": {"model_type": "clip"}},
    )  # fmt: skip


def build() -> Iterator[TextNetwork]:
    yield from of_transformers()
    yield joint_clip()
    yield from of_open_clip()
