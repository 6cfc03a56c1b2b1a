"""Photos with classes -> a Dataset to train on."""
