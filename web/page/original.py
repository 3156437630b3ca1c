"""Links to the original of an article, opened at a sentence where the browser can.

The text fragment: https://wicg.github.io/scroll-to-text-fragment/
"""

from urllib.parse import quote, urlsplit

# A longer sentence is named by its first and last words: one comma changed in between does not
# lose the place.
_LONGEST = 12
_WORDS_OF_AN_END = 6
_MOST_CHARACTERS = 300


def host(url: str | None) -> str | None:
    """The host of a web address, or None for anything that must not become a link."""
    try:
        parts = urlsplit(url or "")
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


def opened_at(url: str, sentence: str) -> str:
    """The address with a text fragment that names a sentence."""
    words = sentence.split()
    ends = [words]
    if len(words) > _LONGEST:
        ends = [words[:_WORDS_OF_AN_END], words[-_WORDS_OF_AN_END:]]
    texts = [" ".join(each) for each in ends]
    if not words or max(map(len, texts)) > _MOST_CHARACTERS:
        return url
    # "-" is left alone by quote(), and would set off a prefix.
    named = ",".join(quote(text, safe="").replace("-", "%2D") for text in texts)
    address = url.partition(":~:")[0]
    return f"{address}{'' if '#' in address else '#'}:~:text={named}"
