"""Finding people in a frame: one Detector protocol, several back ends."""
