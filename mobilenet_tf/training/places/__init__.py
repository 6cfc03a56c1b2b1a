"""Where photos were taken, as a task of training: a classification whose classes are cells of the earth."""
