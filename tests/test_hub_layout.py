"""Names of repositories, and where their files lie, by the conventions of the Hub."""

from pathlib import Path

import pytest

from searcher.errors import HubFailed
from searcher.hub_access.hub_address import is_hub_address
from searcher.models.hub_layout import files_of, find_in_folder, find_model, variants
from searcher.models.hub_reference import HubReference, parse

SUFFIXES = ("", "_fp16", "_quantized", "_q4f16")
CLIP = (
    *("README.md", "config.json", "preprocessor_config.json", "quantize_config.json"),
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json"),
    *(f"onnx/{tower}model{s}.onnx" for tower in ("", "text_", "vision_") for s in SUFFIXES),
)
ONE = ("config.json", "preprocessor_config.json", "onnx/model.onnx", "onnx/model_quantized.onnx")
IMMICH = (
    *("config.json", "visual/model.onnx", "visual/preprocess_cfg.json", "visual/fp16/model.armnn"),
    *("textual/model.onnx", "textual/tokenizer.json", "textual/tokenizer_config.json"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf:onnx-community/dinov2-small", HubReference("onnx-community", "dinov2-small")),
        (" hf:Xenova/siglip_a.b@v1.0 ", HubReference("Xenova", "siglip_a.b", "v1.0")),
        ("hf:a/b@refs/pr/3", HubReference("a", "b", "refs/pr/3")),
        ("hf:a/b@" + "0a" * 20, HubReference("a", "b", "0a" * 20)),
    ],
)
def test_a_reference_names_owner_repository_and_revision(text: str, expected: HubReference) -> None:
    assert parse(text) == expected
    assert parse(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "hf:", "dinov2", "hf:dinov2", "hf:/x", "hf:a/", "hf:a/b/c", "hf:a/b@", "hf:a b/c"),
        *("hf:../etc", "hf:a/..", "hf:a/b..c", "hf:a/b--c", "hf:a/b.git", "hf:-a/b", "hf:a/b-"),
        *("hf:a/b@../x", "hf:a/b@x/../y", "hf:a/b@/x", "hf:a/b@x/", "hf:a/b@x y", "hf:é/b"),
        *(f"hf:a/{'b' * 96}", "a/b", "https://huggingface.co/a/b", "hf:datasets/a/b", "hf:a/b@~1"),
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(HubFailed) as refusal:
        parse(text)
    assert refusal.value.code == "hub.reference"


def test_files_are_not_taken_for_references() -> None:
    assert is_hub_address("hf:a/b")
    assert not is_hub_address("hf/a.onnx")
    assert not is_hub_address("/models/hf:a.onnx")


@pytest.mark.parametrize(
    ("names", "onnx"),
    [
        (CLIP, "onnx/vision_model.onnx"),
        (ONE, "onnx/model.onnx"),
        (IMMICH, "visual/model.onnx"),
        (("config.json", "model.onnx"), "model.onnx"),
        (("vision_model.onnx", "text_model.onnx"), "vision_model.onnx"),
        (("README.md", "convnext_tiny.in1k.onnx"), "convnext_tiny.in1k.onnx"),
    ],
)
def test_the_network_for_pictures_is_found(names: tuple[str, ...], onnx: str) -> None:
    assert find_model(names, "a/b").onnx == onnx


def test_only_files_of_the_model_belong_to_it() -> None:
    files = find_model((*CLIP, "onnx/config.json", "other/config.json", "pytorch_model.bin"), "a/b")
    assert files.configs == ("config.json", "onnx/config.json", "preprocessor_config.json")
    assert files.all == (*files.configs, "onnx/vision_model.onnx")
    immich = find_model(IMMICH, "a/b")
    assert immich.configs == ("config.json", "visual/preprocess_cfg.json")


def test_the_text_tower_comes_with_its_tokenizer() -> None:
    files = find_model(CLIP, "a/b", "q8", tower="text")
    assert files.onnx == "onnx/text_model_quantized.onnx"
    assert "tokenizer.json" in files.configs
    assert "preprocessor_config.json" not in files.configs
    assert find_model(IMMICH, "a/b", tower="text").configs[1:] == (
        "textual/tokenizer.json",
        "textual/tokenizer_config.json",
    )


@pytest.mark.parametrize(
    ("variant", "onnx"),
    [
        (None, "onnx/vision_model.onnx"),
        ("fp32", "onnx/vision_model.onnx"),
        ("fp16", "onnx/vision_model_fp16.onnx"),
        ("q8", "onnx/vision_model_quantized.onnx"),
        ("q4f16", "onnx/vision_model_q4f16.onnx"),
    ],
)
def test_a_variant_is_chosen_by_its_name(variant: str | None, onnx: str) -> None:
    files = find_model(CLIP, "a/b", variant)
    assert (files.onnx, files.variant) == (onnx, variant or "fp32")


def test_a_missing_variant_is_refused_with_those_that_exist() -> None:
    assert variants(ONE) == ["fp32", "q8"]
    with pytest.raises(HubFailed, match="no variant fp16: choose fp32, q8"):
        find_model(ONE, "a/b", "fp16")
    with pytest.raises(HubFailed, match="no variant best"):
        find_model(ONE, "a/b", "best")


def test_the_most_precise_variant_is_the_default() -> None:
    names = ("onnx/model_q4.onnx", "onnx/model_quantized.onnx", "onnx/model_fp16.onnx")
    assert find_model(names, "a/b").variant == "fp16"
    assert find_model(["odd_int8.onnx"], "a/b").variant == "int8"


def test_weights_in_other_files_belong_to_their_variant() -> None:
    names = (
        *("onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx_data_1"),
        *("onnx/model_fp16.onnx", "onnx/model_fp16.onnx_data", "onnx/model.onnx_database"),
    )
    full = find_model(names, "a/b")
    assert full.data == ("onnx/model.onnx_data", "onnx/model.onnx_data_1")
    assert find_model(names, "a/b", "fp16").data == ("onnx/model_fp16.onnx_data",)
    assert find_model(["model.onnx", "model.onnx.data"], "a/b").data == ("model.onnx.data",)
    assert find_model(["model.onnx", "model.data"], "a/b").data == ("model.data",)


@pytest.mark.parametrize(
    "names",
    [
        ("onnx/text_model.onnx", "tokenizer.json"),
        ("onnx/model.onnx", "onnx/model_quantized.onnx", "tokenizer.json", "config.json"),
        ("model.onnx", "tokenizer.json"),
        ("textual/model.onnx", "textual/tokenizer.json"),
        ("text_encoder.onnx",),
    ],
)
def test_a_network_for_words_is_not_taken_for_one_for_pictures(names: tuple[str, ...]) -> None:
    with pytest.raises(HubFailed) as refusal:
        find_model(names, "a/b")
    assert refusal.value.code in ("hub.text_only", "hub.no_onnx")
    assert names[0] in str(refusal.value)


def test_where_there_is_no_network_the_files_are_named() -> None:
    with pytest.raises(HubFailed, match=r"Its files: config.json, pytorch_model.bin"):
        find_model(["pytorch_model.bin", "config.json"], "a/b")
    with pytest.raises(HubFailed, match=r"Its files: decoder.onnx, encoder.onnx\."):
        find_model(["encoder.onnx", "decoder.onnx", "a.txt"], "a/b")
    with pytest.raises(HubFailed, match=r"f1011.bin, …"):
        find_model([f"f{n}.bin" for n in range(1000, 3000)], "a/b")


@pytest.mark.parametrize(
    "name",
    ["../model.onnx", "/model.onnx", "onnx/../model.onnx", "onnx\\model.onnx", "a//model.onnx"],
)
def test_names_that_leave_the_folder_are_ignored(name: str) -> None:
    with pytest.raises(HubFailed) as refusal:
        find_model([name], "a/b")
    assert refusal.value.code == "hub.no_onnx"


def test_a_folder_has_the_same_layout(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "0a").write_bytes(b"12345")
    folder = tmp_path / "model"
    for name in ONE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(tmp_path / "blobs" / "0a")
    (folder / "loop").symlink_to(folder)
    assert files_of(folder) == dict.fromkeys(ONE, 5)
    assert find_in_folder(folder).onnx == "onnx/model.onnx"
    with pytest.raises(HubFailed, match="model has no variant q4: choose fp32, q8"):
        find_in_folder(folder, "q4")
    with pytest.raises(HubFailed, match="gone"):
        find_in_folder(tmp_path / "gone")
