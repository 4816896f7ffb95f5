"""Pure functions on vectors, rankings and votes."""
