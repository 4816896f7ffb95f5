"""Small JPEGs are thumbnails as they are, without their metadata."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from searcher.images.picture_forms import render
from searcher.images.pictures import THUMBNAIL_SIZE
from tests.picture_files import decoded
from tests.pictures import encode, paint

SMALL = paint(1, (640, 480))
EXIF = Image.Exif()
EXIF[0x010E] = "a secret"
TURNED = Image.Exif()
TURNED[0x0112] = 6
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

COPIED = {
    "plain": encode(SMALL, quality=90),
    "grey": encode(SMALL.convert("L"), quality=90),
    "with metadata": encode(SMALL, quality=90, exif=EXIF.tobytes(), comment=b"a secret"),
    "with more behind it": encode(SMALL, quality=90) + b"a secret",
}
ENCODED = {
    "large": encode(paint(1, (641, 480)), quality=90),
    "heavy": encode(Image.effect_noise((640, 480), 90), quality=95),
    "turned": encode(SMALL, quality=90, exif=TURNED.tobytes()),
    "of other colours": encode(SMALL, quality=90, icc_profile=SRGB),
    "progressive": encode(SMALL, quality=90, progressive=True),
    "CMYK": encode(SMALL.convert("CMYK"), quality=90),
    "PNG": encode(SMALL, "PNG"),
}


def thumbnail(data: bytes) -> bytes:
    jpeg = render(data, "a.jpg", [], True).thumbnail
    assert jpeg
    return jpeg


@pytest.mark.parametrize("kind", COPIED)
def test_a_small_jpeg_is_copied_without_its_metadata(kind: str) -> None:
    jpeg = thumbnail(COPIED[kind])
    assert len(jpeg) <= len(COPIED[kind])
    assert b"secret" not in jpeg
    np.testing.assert_array_equal(decoded(jpeg), decoded(COPIED[kind]))
    with Image.open(io.BytesIO(jpeg)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", ENCODED)
def test_others_are_encoded(kind: str) -> None:
    jpeg = thumbnail(ENCODED[kind])
    with Image.open(io.BytesIO(jpeg)) as image:
        assert max(image.size) <= THUMBNAIL_SIZE
        assert image.mode in ("RGB", "L")
    np.testing.assert_array_equal(decoded(jpeg), decoded(thumbnail(ENCODED[kind])))
    assert jpeg[-64:-2] not in ENCODED[kind]  # other coefficients


def test_none_is_made_where_there_is_one() -> None:
    assert render(COPIED["plain"], "a.jpg", [], False).thumbnail is None
