"""Measures of vectors, rankings and votes: functions without state."""
