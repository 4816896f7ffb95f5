"""The command that serves the page."""


def serve() -> None:
    """Serve the page until Ctrl-C; the environment has its settings."""
    from searcher.serve import main

    main()
