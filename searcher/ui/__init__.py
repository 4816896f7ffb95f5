"""The page: one file per tab, thin handlers, no search logic."""
