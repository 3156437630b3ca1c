"""Programs that measure how fast and how well the packages work."""
