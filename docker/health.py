"""Whether the app in this container can serve: exit status 0, or 1 with the reason."""

import os
import sys
import urllib.error
import urllib.request

TIMEOUT_S = 8


def main() -> int:
    """Ask /healthz, which answers 200 where the app can serve, and 503 where a store is away.

    It is there without ROOT_PATH, too, which may be a whole address.
    """
    port = os.environ.get("PORT") or "7860"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=TIMEOUT_S) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
