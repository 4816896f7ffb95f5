"""The library: indexing, removal, repair, backups, and the background worker."""
