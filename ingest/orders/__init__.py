"""The orders API: where tills post what they sold."""
