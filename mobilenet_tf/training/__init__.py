"""Training: photos -> a model to export."""
