"""Days: when an article was published, and those that its text names."""
