"""Command-line programs: they parse arguments and print; the work is in the packages."""
