"""Tables of every result, and the files they are written to."""
