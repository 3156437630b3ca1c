"""Tests of `scripts.lab`."""
