"""What every stage and the app share: preprocessing, labels, the manifest. TensorFlow-free."""
