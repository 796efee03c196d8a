"""The camera agent: capture, detection, tracking, counting, publishing."""
