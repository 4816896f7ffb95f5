"""Settings and folders, read once at the start."""
