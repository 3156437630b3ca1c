"""Tests of `indexer.stories`."""
