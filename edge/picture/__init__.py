"""Whether a camera's pictures can be counted on: what is wrong with them, from small planes of brightness."""
