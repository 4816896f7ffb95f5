"""`python -m tools.reference_networks.words [FOLDER]` makes tests/words/ anew."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.reference_networks import text_export, text_networks
from tools.reference_networks.texts import TEXTS

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "words"
PACKAGES = ("torch", "transformers", "open_clip_torch", "tokenizers", "sentencepiece", "onnx")
FIRST_SEED = 100
README = """# Networks for tests of words

The text sides of the networks in ../networks, or of their own, with small tokenizers of the kinds
that CLIP, SigLIP and SigLIP 2 have. `expected.json` has some texts and the unit vectors that the
reference gives for each: the tokenizer's class in transformers and the network in torch.
The weights are random, the tokenizers learned a few hundred words that were written for this;
`python -m tools.reference_networks.words` made all of them from seeds, and they are under the
project's licence.

Made with {versions}.

| network | image side | file | tokenizer | embedding |
|---|---|---|---|---|
{rows}
"""


def main(folder: Path) -> None:
    networks: dict[str, Any] = {}
    for number, network in enumerate(text_networks.build()):
        print(network.name, file=sys.stderr)
        networks[network.name] = text_export.write(network, FIRST_SEED + number, folder)
    document = {"texts": TEXTS, "networks": networks}
    (folder / "expected.json").write_text(json.dumps(document, ensure_ascii=False) + "\n")
    rows = [
        f"| {name} | {entry['vision'] or 'its own'} | {entry['file']} | {entry['tokenizer']} "
        f"| {entry['embedding']} |"
        for name, entry in networks.items()
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    (folder / "README.md").write_text(README.format(versions=versions, rows="\n".join(rows)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
