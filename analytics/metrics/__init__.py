"""The registry's entries, by what they are about; `analytics.definitions` collects them."""
