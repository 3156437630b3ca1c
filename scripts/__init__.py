"""The command line, and programs that measure and try out the packages from outside."""
