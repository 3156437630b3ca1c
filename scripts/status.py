"""The exit statuses of all programs; a signal that ends one gives 128 and its number."""

DONE, FAILED, USAGE, SKIPPED = 0, 1, 2, 3
