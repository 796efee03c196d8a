"""Metrics of every service for Prometheus: where they are served, and what no service counts by itself."""
