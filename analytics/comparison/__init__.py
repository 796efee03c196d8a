"""Comparison: stores beside each other and beside their own past, and what changed."""
