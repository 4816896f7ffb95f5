"""Limits that the command line, the page and the library share."""

MAX_RESULTS = 50
