"""One page from results."""
