"""What prints the figures of docs/figures.md, and docs/cli.md, and what made the bundled weights; not installed."""
