"""How large an uploaded file may be: networks more than pictures, whatever the body looks like."""

import pytest

from searcher.config.settings import Settings
from searcher.errors import BadImage
from searcher.ui.security.file_sizes import MB, FileLimits, MeasuredForm

NETWORK, JPEG = b"\x08\x09\x12\x04test", b"\xff\xd8\xff\xe0"


def body(*files: tuple[str, bytes, int], field: str = "Content-Disposition") -> bytes:
    """A form of files: name, beginning, and size."""
    parts = []
    for name, beginning, size in files:
        head = f'--b\r\nX: y\r\n{field}: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + beginning + bytes(size - len(beginning)) + b"\r\n")
    return b"".join([*parts, b"--b--\r\n"])


def measure(content: bytes, step: int = 65_536, read_only: bool = False) -> str:
    """What a form is refused with, "" if it is taken."""
    settings = {"MAX_UPLOAD_MB": "1", "MAX_MODEL_MB": "2", "READ_ONLY": str(int(read_only))}
    form = MeasuredForm(b"b", FileLimits.of(Settings.from_env(settings)))
    try:
        for start in range(0, len(content), step):
            form.write(content[start : start + step])
    except BadImage as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("name", "beginning", "size", "limit"),
    [
        ("x.jpg", JPEG, MB, None),
        ("x.jpg", JPEG, MB + 1, 1),
        ("net.onnx", NETWORK, 2 * MB, None),
        ("NET.ONNX", NETWORK, 2 * MB, None),
        ("net.onnx", NETWORK, 2 * MB + 1, 2),
        ("net.onnx", JPEG, MB + 1, 1),  # only its name is a network's
        ("x.jpg", NETWORK, MB + 1, 1),
    ],
)
def test_a_file_has_the_limit_of_its_kind(
    name: str, beginning: bytes, size: int, limit: int | None
) -> None:
    sentence = f"{name} is larger than the {limit} MB that can be uploaded here."
    assert measure(body((name, beginning, size))) == (sentence if limit else "")


def test_each_file_of_a_form_is_measured_for_itself() -> None:
    network, picture = ("n.onnx", NETWORK, 2 * MB), ("a.png", b"\x89PNG", MB)
    assert measure(body(network, picture, network)) == ""
    assert measure(body(network, (*picture[:2], MB + 1))).startswith("a.png is larger than the 1")
    fields = body(("n.onnx", NETWORK, MB + 1), field="content-DISPOSITION")
    assert measure(fields) == ""


def test_a_body_may_arrive_in_any_parts() -> None:
    content = body(("n.onnx", NETWORK, 3000))
    for step in (1, 7, 100):
        assert measure(content, step) == ""
    late = body(("x.jpg", JPEG, MB + 1))
    assert measure(late, 100_003).startswith("x.jpg is larger")


def test_visitors_who_bring_no_networks_have_one_limit() -> None:
    large = body(("net.onnx", NETWORK, MB + 1))
    assert measure(large) == ""
    assert measure(large, read_only=True).startswith("net.onnx is larger than the 1 MB")


@pytest.mark.parametrize("content", [b"nonsense", b"--b\r\nX\r\n\r\n", b"--c\r\n"])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        measure(content)
