"""A store's period on one printed page."""
