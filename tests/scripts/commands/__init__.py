"""Tests of scripts.commands."""
