"""Recordings as one read-only database: their tables by name (``recordings``), behind a guard (``guarded``)."""
