"""``xctrace``: finding it, its commands, what it offers, waiting for it, and what its failures mean."""
