"""The record of a measurement, groups of them, the choice among them, a model of latency. TensorFlow-free."""
