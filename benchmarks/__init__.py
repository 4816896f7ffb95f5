"""Measurements that print tables, each comparing in one run."""
