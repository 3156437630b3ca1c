"""Tests of `indexer.embedding`."""
