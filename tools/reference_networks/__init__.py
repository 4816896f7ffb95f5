"""Small networks of the real architectures, with seeded random weights, and what they answer.

`python -m tools.reference_networks [FOLDER]` makes tests/networks/ anew: pictures, ONNX files as
people export them with the configuration that lies beside them on the Hub, and expected.json with
the unit vectors that the reference gives: transformers', timm's and open_clip's own preprocessing,
and the network in torch.

It needs packages that the project does not: torch, torchvision, transformers, timm,
open_clip_torch with ftfy, onnxscript; sentencepiece and protobuf for words.py, which makes
tests/words/. Made with the versions that expected.json names; Pillow is
the project's, since versions resample to slightly different values.
"""
