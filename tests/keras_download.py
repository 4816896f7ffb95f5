"""Download URL as Keras downloads weights, into a cache FOLDER: prints the project's reports."""

import json
import sys

import keras

from searcher.export.converter_internals import report_downloads


def main(url: str, folder: str) -> None:
    """Print the bytes that are there and all of them, for each report, and then the file."""
    report_downloads(lambda done, total: print(json.dumps({"bytes": [done, total]})))
    print(keras.utils.get_file("weights.h5", origin=url, cache_dir=folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
