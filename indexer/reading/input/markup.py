"""Whether a text is marked up, whatever it is called or lies in."""

import re

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,10})(?:\s[^<>]{0,2000})?/?>", re.I)
# One text, since ruff spreads a list of words over as many lines.
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "article",
        "aside",
        "b",
        "blockquote",
        "body",
        "br",
        "button",
        "cite",
        "code",
        "dd",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "label",
        "li",
        "link",
        "main",
        "meta",
        "nav",
        "ol",
        "p",
        "picture",
        "pre",
        "q",
        "s",
        "script",
        "section",
        "small",
        "source",
        "span",
        "strong",
        "style",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "u",
        "ul",
        "video",
    ]
)


def is_html(text: str) -> bool:
    """Whether a text is marked up: HTML elements that are closed, at its beginning or in all."""
    found = [
        (closing, tag.lower())
        for closing, tag in _TAG.findall(text[: 1 << 14])
        if tag.lower() in _TAGS
    ]
    opened = {tag for closing, tag in found if not closing}
    closed = {tag for closing, tag in found if closing}
    paired = opened & closed
    return bool(paired) or sum(tag in ("br", "p", "li", "img") for _, tag in found) >= 2
