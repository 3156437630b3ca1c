"""Tests of the whole: documents, architecture, quality, faults."""
