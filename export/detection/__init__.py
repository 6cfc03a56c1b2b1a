"""The export of object detectors: mobilenet-export for networks of networks/detectors.py."""
