"""Benchmarks that print tables; each compares alternatives in one run."""
