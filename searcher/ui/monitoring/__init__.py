"""For who runs the app: request ids in the log, health, and metrics for Prometheus."""
