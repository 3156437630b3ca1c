"""Tests of `indexer.reading.body`."""
