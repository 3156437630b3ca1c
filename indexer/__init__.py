"""Reads messy news and writes the index, whose format it owns."""
