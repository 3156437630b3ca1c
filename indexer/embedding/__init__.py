"""The model: a text becomes one passage vector and one vector a token."""
