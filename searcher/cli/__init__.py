"""The command line: each command prints text for people, or one JSON document for programs."""
