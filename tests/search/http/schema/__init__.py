"""Tests of `search.http.schema`."""
