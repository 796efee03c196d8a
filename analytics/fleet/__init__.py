"""The fleet: boxes and cameras of every store, and the database's own work."""
