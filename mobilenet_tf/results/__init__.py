"""Results: their records, groups that can be compared, the choice, and a latency model. TensorFlow-free."""
