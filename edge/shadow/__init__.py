"""The shadow: a model that is compared with the one that counts, on the same frames, before it may take over."""
