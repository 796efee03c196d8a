"""Staff: hours worked against visitors, and sales by alias."""
