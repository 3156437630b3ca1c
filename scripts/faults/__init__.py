"""A program that tries out what must not go wrong."""
