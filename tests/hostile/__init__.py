"""The hostile corpus: one table of inputs, what happens, and why; see table.py."""
