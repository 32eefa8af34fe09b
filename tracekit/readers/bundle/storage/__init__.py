"""How a bundle keeps what it holds: files, property lists, archives, tables, and what rows refer to."""
