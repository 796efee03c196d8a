"""The week by mail."""
