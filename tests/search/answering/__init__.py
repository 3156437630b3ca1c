"""Tests of the sentence that answers."""
