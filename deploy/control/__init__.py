"""What head office wants of its boxes: desired state, commands, standards and their roll-out; the keeper signs it."""
