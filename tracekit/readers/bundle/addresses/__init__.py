"""Addresses → functions: images and where they lay, symbols, and their names."""
