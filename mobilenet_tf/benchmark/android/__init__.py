"""Measure on Android devices over adb. TensorFlow-free."""
