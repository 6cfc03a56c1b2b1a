"""From a float network to one of integers that gives the same answers."""
