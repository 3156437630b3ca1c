"""Tests of `search.showing`."""
