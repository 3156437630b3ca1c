"""Headline, author, outlet, language and names of an article."""
