"""Reading: what the pages show, each answer from one moment and kept as long as it is true."""
