"""A server under all kinds of requests for long."""
