"""What must not go wrong: programs that try it."""
