"""Photos with tags, of which any number may be true of one photo: lists and folders, read, checked and split."""
