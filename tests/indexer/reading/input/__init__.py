"""Tests of `indexer.reading.input`."""
