"""From bytes to documents: files, encodings, formats."""
