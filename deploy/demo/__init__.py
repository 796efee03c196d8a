"""The demo: a real camera clip, what counts it, and the stores around it."""
