"""Metrics of a camera box for Prometheus: operational numbers, served on the box only unless it is told otherwise."""
