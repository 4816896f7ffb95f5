"""The form in which the library stores an uploaded file."""

from searcher.images.pictures import open_picture, reencode
from searcher.messages.message import Message

SIDE = 2048  # pixels on the long side of a stored picture, at most
QUALITY = 92


def stored_form(data: bytes, name: str | Message) -> bytes:
    """Return the JPEG that is stored of an uploaded file: upright, without metadata.

    The same file gives the same JPEG, and so the same id.

    Args:
        data: The bytes of the file.
        name: What error messages call it.

    Raises:
        BadImage: The bytes are not a picture that can be opened safely.
    """
    return reencode(open_picture(data, name, SIDE), SIDE, QUALITY)
