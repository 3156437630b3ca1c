"""Tests of `indexer.reading.facts`."""
