"""Following people from frame to frame: one Tracker protocol, one folder-sized implementation."""
