"""Photos with boxes around the things in them: their readers, what is wrong with them, and the two sides of a split."""
