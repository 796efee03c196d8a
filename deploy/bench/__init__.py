"""Benchmarks: what this machine can do, as functions that return plain figures."""
