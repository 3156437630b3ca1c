"""Tests of `indexer.reading`."""
