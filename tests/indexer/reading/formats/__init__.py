"""Tests of indexer.reading.formats."""
