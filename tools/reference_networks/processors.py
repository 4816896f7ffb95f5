"""preprocessor_config.json and its like, as the Hub's repositories have them."""

from tools.reference_networks.reference import Config

IMAGENET: Config = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALF: Config = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
CLIP: Config = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
ALL = {"do_resize": True, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True}


def stretched(side: int, kind: str, resample: int, norm: Config) -> Config:
    """Stretched to a square, as ViT's and SigLIP's."""
    size = {"height": side, "width": side}
    return {"image_processor_type": kind, "size": size, "resample": resample, **ALL, **norm}


def cropped(short: int, side: int, kind: str, resample: int, norm: Config) -> Config:
    """Short side, then the centre, as CLIP's and DINOv2's."""
    return {
        "image_processor_type": kind,
        "do_convert_rgb": True,
        "do_center_crop": True,
        "size": {"shortest_edge": short},
        "crop_size": {"height": side, "width": side},
        "resample": resample,
        **ALL,
        **norm,
    }


def convnext(side: int, pct: float | None = 0.875) -> Config:
    """Its own rule: short side to side / crop_pct below 384 pixels, stretched from there on."""
    kind = {"feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": pct}
    return {**kind, "do_resize": True, "size": side, "resample": 3, "do_normalize": True} | IMAGENET


def timm(side: int, pct: float, interpolation: str = "bicubic", **others: object) -> Config:
    """config.json of timm's repositories."""
    cfg = {
        "input_size": [3, side, side],
        "fixed_input_size": False,
        "interpolation": interpolation,
        "crop_pct": pct,
        "crop_mode": "center",
        "mean": IMAGENET["image_mean"],
        "std": IMAGENET["image_std"],
        **others,
    }
    return {"architecture": "random", "num_classes": 0, "pretrained_cfg": cfg}


def open_clip(side: int, mode: str) -> Config:
    """preprocess_cfg.json of open_clip, as immich keeps it."""
    return {
        "size": [side, side],
        "mode": "RGB",
        "mean": CLIP["image_mean"],
        "std": CLIP["image_std"],
        "interpolation": "bicubic",
        "resize_mode": mode,
        "fill_color": 0,
    }


# What else lies beside networks of 48 x 48: old forms, missing fields, other processors.
OTHERS_OF_48: dict[str, Config] = {
    "old integer, stretched": {
        "feature_extractor_type": "ViTFeatureExtractor",
        "do_normalize": True,
        "do_resize": True,
        "size": 48,
        "resample": 2,
        **HALF,
    },
    "old integer, cropped": {
        "feature_extractor_type": "CLIPFeatureExtractor",
        "size": 54,
        "crop_size": 48,
        "do_center_crop": True,
        "resample": 3,
        **CLIP,
    },
    "defaults": {
        "image_processor_type": "CLIPImageProcessor",
        "size": {"shortest_edge": 48},
        "crop_size": {"height": 48, "width": 48},
    },
    "lanczos": stretched(48, "ViTImageProcessor", 1, HALF),
    "nearest": stretched(48, "ViTImageProcessor", 0, HALF),
    "box": cropped(55, 48, "BitImageProcessor", 4, IMAGENET),
    "hamming": stretched(48, "ViTImageProcessor", 5, HALF),
    "crop beyond the short side": cropped(41, 48, "CLIPImageProcessor", 3, CLIP),
    "crop without resizing": cropped(48, 48, "CLIPImageProcessor", 3, CLIP) | {"do_resize": False},
    "not rescaled": stretched(48, "ViTImageProcessor", 2, HALF)
    | {"do_rescale": False, "image_mean": [124, 116, 104], "image_std": [58.4, 57.1, 57.4]},
    "rescaled to 2": stretched(48, "ViTImageProcessor", 2, HALF)
    | {"rescale_factor": 1 / 127.5, "image_mean": [1, 1, 1], "image_std": [1, 1, 1]},
    "not normalised": stretched(48, "ViTImageProcessor", 3, HALF) | {"do_normalize": False},
    "stretched, then cropped": {
        "feature_extractor_type": "DeiTFeatureExtractor",
        "size": 54,
        "crop_size": 48,
        "do_center_crop": True,
        "do_resize": True,
        "do_normalize": True,
        "resample": 3,
        **IMAGENET,
    },
    "LeViT's own short side": cropped(48, 48, "LevitImageProcessor", 3, IMAGENET),
    "MobileViT's BGR": cropped(54, 48, "MobileViTImageProcessor", 2, {})
    | {"do_normalize": False, "do_flip_channel_order": True},
    "PoolFormer's own short side": cropped(48, 48, "PoolFormerImageProcessor", 3, IMAGENET)
    | {"crop_pct": 0.9},
    "BLIP's defaults": {
        "image_processor_type": "BlipImageProcessor",
        "size": {"height": 48, "width": 48},
    },
    "Bit's defaults": {
        "image_processor_type": "BitImageProcessor",
        "size": {"shortest_edge": 52},
        "crop_size": {"height": 48, "width": 48},
    },
    "ViT's defaults": {"image_processor_type": "ViTImageProcessor", "size": 48},
    "EfficientNet's second division": stretched(48, "EfficientNetImageProcessor", 0, IMAGENET)
    | {"include_top": True, "rescale_offset": False},
    "EfficientNet's offset": stretched(48, "EfficientNetImageProcessor", 3, HALF)
    | {"include_top": False, "rescale_offset": True, "rescale_factor": 1 / 127.5},
}
# Networks that take any size.
OTHERS_OF_ANY: dict[str, Config] = {
    "oblong stretch": stretched(56, "ViTImageProcessor", 3, HALF)
    | {"size": {"height": 48, "width": 72}},
    "oblong crop": cropped(61, 56, "BitImageProcessor", 3, IMAGENET)
    | {"crop_size": {"height": 40, "width": 59}},
    "ConvNeXt, stretched from 384 on": convnext(384),
    "ConvNeXt without crop_pct": convnext(57, None),
}
TIMM_OTHERS: dict[str, Config] = {
    "timm, squashed": timm(64, 1.0, crop_mode="squash"),
    "timm, squashed and cropped": timm(64, 0.9, crop_mode="squash"),
    "timm, border": timm(64, 1.0, crop_mode="border"),
    "timm, oblong": timm(64, 0.9, "bilinear", input_size=[3, 48, 80]),
}
