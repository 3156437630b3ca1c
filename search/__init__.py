"""Reads the index and ranks its passages."""
