"""Convert, quantize and verify: a Keras model in, checked .tflite files out. Importing this loads no TensorFlow."""
