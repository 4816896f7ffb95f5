"""Picture files without their metadata: each format's container, read by its own rules."""
