"""From evidence to an answer, what contradicts it, and what is worth acting on."""
