"""What quantization does to each layer, as JSON and as a page."""
