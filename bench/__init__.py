"""Benchmarks behind `make bench-*`: each prints our figure beside a named baseline's, from one run."""
