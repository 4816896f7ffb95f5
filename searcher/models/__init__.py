"""Model files of the contract: catalogue, registry, checks, embedding."""
