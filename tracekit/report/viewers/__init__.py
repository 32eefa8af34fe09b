"""Files that other viewers open."""
