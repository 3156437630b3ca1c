"""The names of the files of a generation, which no other package spells (docs/index-format.md)."""

MANIFEST = "manifest.json"
CORPUS = "corpus.db"
# While it is written:
DRAFTS = "drafts.db"
WORDS = "lexical"
# Of each segment:
SEGMENTS = "segments"
ARTICLES = "articles.db"
VECTORS = "vectors.faiss"
TOKENS = "tokens.bin"
SUGGESTIONS = "terms.db"
