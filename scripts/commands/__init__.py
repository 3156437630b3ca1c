"""The commands of `article-search`."""
