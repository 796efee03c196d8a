"""Quality: how far a store's numbers can be relied on, and what of them needs somebody."""
