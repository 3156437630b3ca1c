"""The search page for people."""
