"""Tests of `search.http`."""
