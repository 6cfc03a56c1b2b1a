"""Measure .tflite files: latency, accuracy, size, memory. TensorFlow-free."""
