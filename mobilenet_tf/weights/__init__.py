"""Where a model comes from: bundled, Keras Applications, random, or a file."""
