"""The app's own address: whether it can be had, and what is printed of it."""

import errno
import socket

from searcher.config.settings import Settings
from searcher.errors import InvalidSetting
from searcher.messages.message import Message, message
from searcher.messages.system import os_reason


def local_url(host: str, port: int) -> str:
    """Return the address of the page for browsers on this machine."""
    name = {"0.0.0.0": "localhost", "127.0.0.1": "localhost", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def sharing(url: str | None, settings: Settings) -> Message:
    """Return what to say of a link of Gradio's.

    Args:
        url: The link; None if Gradio gave none.
        settings: Who may come in, and change the library.
    """
    if not url:
        return message("server.not_shared")
    if settings.auth or settings.read_only:
        return message("server.shared", url=url)
    return message("server.shared_for_changes", url=url)


def require_port(host: str, port: int) -> None:
    """Raise InvalidSetting if the page can't be served on a port of an address."""
    try:
        ((family, _, _, _, address), *_) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidSetting("setting.host", name="GRADIO_SERVER_NAME", text=host) from error
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise InvalidSetting("setting.host", name="GRADIO_SERVER_NAME", text=host) from error
        raise InvalidSetting("server.port", port=port, reason=os_reason(error)) from error
