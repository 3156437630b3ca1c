"""Training the reader (search/answering): `python -m scripts.training.reader`."""
