"""The .tflite file: its flatbuffer, its metadata, an interpreter for it, and a classifier. It loads no TensorFlow."""
