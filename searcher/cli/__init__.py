"""What each command does: text for people, or one document for programs.

Each returns the exit status and raises TwinlensError where it can't do its work.
"""
