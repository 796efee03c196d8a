"""The audit: a person taps in and out on a phone in the shop, and learns how well the lines count. No video."""
