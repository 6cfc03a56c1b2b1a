"""Tags as a task of the training loop: binary cross entropy, a teacher, mean average precision, thresholds."""
