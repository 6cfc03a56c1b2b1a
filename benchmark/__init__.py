"""Measure and use .tflite classifiers; needs NumPy, Pillow and one interpreter, never TensorFlow."""

from .classifier import Classifier, Prediction

__all__ = ["Classifier", "Prediction"]
