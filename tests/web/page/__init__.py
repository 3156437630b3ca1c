"""Tests of `web.page`."""
