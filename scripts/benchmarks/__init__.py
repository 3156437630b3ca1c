"""How fast and how well: programs that measure."""
