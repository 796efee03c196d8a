"""Setting up: what pages may ask of head office's tools, and who may ask it."""
