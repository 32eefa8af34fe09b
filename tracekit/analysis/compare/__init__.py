"""Two or more recordings, side by side."""
