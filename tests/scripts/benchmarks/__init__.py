"""Tests of `scripts.benchmarks`."""
