"""What prints the figures of docs/figures.md, and what made the bundled weights; not installed.

Two files print no figures: cli_docs.py writes docs/cli.md, and command.py runs a command by its name for the tests.
"""
