"""The command that serves the page."""


def serve() -> None:
    """Serve the page until Ctrl-C; settings are environment variables."""
    from searcher.serve import main

    main()
