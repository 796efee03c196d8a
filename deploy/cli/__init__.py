"""The `footfall` command: one module per command group, light at import."""
