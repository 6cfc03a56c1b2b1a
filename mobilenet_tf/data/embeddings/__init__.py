"""Photos to train embeddings on: with classes, or without any labels."""
