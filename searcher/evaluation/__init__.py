"""Comparing the quality of models: labelled pictures, blind votes, maps."""
