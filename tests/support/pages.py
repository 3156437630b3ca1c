"""What a page shows: its marks, links and question."""

import html
import re


def marks(page: str) -> list[str]:
    """The marked parts of a page, as text."""
    found = re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.S)
    return [html.unescape(re.sub(r"</?b>", "", each)) for each in found]


def words(page: str) -> list[str]:
    """The words of the question that are marked."""
    return [html.unescape(found) for found in re.findall(r"<b>(.*?)</b>", page, re.S)]


def links(page: str) -> list[str]:
    """Where the links of a page lead."""
    return [html.unescape(found) for found in re.findall(r'<a[^>]* href="([^"]*)"', page)]


def box(page: str) -> str:
    """What stands in the box for the question."""
    found = re.search(r'<input id="q"[^>]* value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def solid(text: str) -> str:
    """A text without whitespace."""
    return "".join(text.split())
