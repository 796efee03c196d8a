"""Tills that we ask, or that tell us: each vendor's documents become the one model of an order."""
