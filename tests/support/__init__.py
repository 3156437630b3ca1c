"""What tests share: corpora, fakes, a browser."""
