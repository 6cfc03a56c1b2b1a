"""What a network is for: its head, its score, and how its outputs are read."""
