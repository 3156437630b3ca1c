"""The names of the files of a generation, which no other package spells (docs/index-format.md)."""

MANIFEST = "manifest.json"
ARTICLES = "articles.db"
VECTORS = "vectors.faiss"
TOKENS = "tokens.bin"
WORDS = "lexical"
SUGGESTIONS = "terms.db"
