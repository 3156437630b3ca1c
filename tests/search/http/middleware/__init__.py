"""Tests of `search.http.middleware`."""
