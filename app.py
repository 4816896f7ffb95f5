"""Serve the page: what Hugging Face Spaces and `make run` start."""

from searcher.config.python_version import require_supported_python

if __name__ == "__main__":
    require_supported_python()
    from searcher.serve import main

    main()
