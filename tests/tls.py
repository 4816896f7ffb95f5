"""One TLS context for all of httpx's clients: to read the certificates takes 20 ms each time.

Tests talk to loopback without TLS, and poll: while an app starts, it would be a third of a core.
"""

import functools
import importlib


def share_contexts() -> None:
    """Make httpx create each context once, here and in forks."""
    transports = importlib.import_module("httpx._transports.default")
    vars(transports)["create_ssl_context"] = functools.cache(transports.create_ssl_context)
