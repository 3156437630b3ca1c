"""Tests of `indexer.reading.days`."""
