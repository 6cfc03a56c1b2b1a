"""What prints the figures of README and docs, and what made the bundled weights; not installed."""
