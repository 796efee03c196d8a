"""Vision models: registry, fetch, export."""
