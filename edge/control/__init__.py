"""What head office says to the box: believed or not, taken once, carried out part by part, and reported."""
