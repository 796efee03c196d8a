"""Rivals: what a user would pick instead of us, run over the same clips with the same weights."""
