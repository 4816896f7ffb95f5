"""Request parsing and error handling."""
