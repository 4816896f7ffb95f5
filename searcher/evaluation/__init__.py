"""Which model is better: labelled pictures, blind votes, maps."""
