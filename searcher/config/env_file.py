"""The file `.env` of a checkout: variables that are not set in the environment."""

import io
import os

from dotenv import load_dotenv

from searcher.config.folders import ROOT, is_checkout
from searcher.errors import InvalidSetting
from searcher.messages.system import os_reason
from searcher.text_encoding import read_text

NAME = ".env"


def read_env_file() -> None:
    """Set the variables of the file, if there is one.

    pymilvus would do so when it is imported, but fails where the file is not plain UTF-8.

    Raises:
        InvalidSetting: It can't be read.
    """
    path = ROOT / NAME
    if not is_checkout() or not path.exists():
        return
    try:
        text = read_text(path)
    except OSError as error:
        raise InvalidSetting("file.unreadable", name=NAME, reason=os_reason(error)) from error
    except UnicodeDecodeError as error:
        raise InvalidSetting("labels.not_text", name=NAME) from error
    load_dotenv(stream=io.StringIO(text))
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"  # for pymilvus
