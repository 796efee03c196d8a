"""The pages: what stands on each and which callbacks keep it fresh."""
