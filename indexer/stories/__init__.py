"""Which articles tell the same."""
