"""What lies on disk: articles, vectors, words, token codes and the generations that hold them."""
