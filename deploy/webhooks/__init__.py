"""Signed webhooks: what happens in the stores, told to other systems, at least once."""
