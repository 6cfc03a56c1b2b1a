"""The .tflite file: its flatbuffer, its metadata, an interpreter for it, a classifier from it. TensorFlow-free."""
