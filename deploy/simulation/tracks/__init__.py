"""People who walk through a camera's view, with exact truth: what the counting is measured against."""
