"""Libraries that only some formats need: what to say of a file when one is not installed."""

from indexer.article import Rejected


def lacking(place: str, extra: str) -> Rejected:
    """What to report of a file that needs an extra which is not installed."""
    return Rejected(place, f"needs the extra {extra}: pip install 'article-search[{extra}]'")
