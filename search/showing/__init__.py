"""From ranked passages to what a reader is shown."""
