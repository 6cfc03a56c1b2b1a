"""What every stage and the app share: preprocessing, labels and the manifest. It loads no TensorFlow."""
