"""What every program does first: read the settings, before anything slow is imported."""

import os

from searcher.config import logs
from searcher.config.env_file import read_env_file
from searcher.config.http_proxies import prepare_proxies
from searcher.config.settings import Settings
from searcher.memory import map_large_blocks


def start(line: str = logs.LINE) -> Settings:
    """Read the settings, and set up logs, proxies and memory.

    Gradio, pymilvus and httpx read variables when they are imported, and some fail with tracebacks.

    Args:
        line: The format of a line of the log.

    Raises:
        InvalidSetting: A setting or a proxy can't be used.
    """
    read_env_file()
    settings = Settings.from_env()
    # pymilvus would parse it, and fail where it is IPv6.
    os.environ.pop("MILVUS_URI", None)
    logs.configure(settings.log_level, line)
    prepare_proxies(host=settings.host)
    map_large_blocks()
    return settings
