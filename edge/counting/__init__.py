"""Counting: who crosses a line, who stays in a zone."""
