"""Evaluation: what was counted in clips held against hand-made truth, ours and the rivals' in one run."""
