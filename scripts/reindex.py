"""reindex: the same as `article-search reindex`, for hands that know the short name."""

import sys
from collections.abc import Sequence

from scripts.cli import main as article_search


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `article-search reindex` with the given arguments; returns the exit status."""
    return article_search(["reindex", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    sys.exit(main())
