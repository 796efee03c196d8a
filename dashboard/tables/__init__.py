"""What pages show, as tables to take away."""
