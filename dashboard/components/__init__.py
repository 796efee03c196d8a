"""Parts of a page: pure functions from figures and frames to components."""
