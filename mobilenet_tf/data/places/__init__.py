"""Photos with a GPS position: read, and put into cells of the earth, which are their classes."""
