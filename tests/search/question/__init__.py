"""Tests of `search.question`."""
