"""From a float network to integers that answer alike."""
