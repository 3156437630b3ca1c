"""Whether a text is marked up, whatever it is called or lies in."""

import re

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,10})(?:\s[^<>]{0,2000})?/?>", re.I)
# What lays a text out: one that is closed makes a page, or two of those that need not be.
_BLOCKS = frozenset((
    "article", "aside", "blockquote", "body", "button", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "html",
    "iframe", "li", "main", "nav", "ol", "p", "picture", "pre", "script", "section", "style",
    "table", "tbody", "td", "th", "thead", "title", "tr", "ul", "video",
))  # fmt: skip
_UNCLOSED = frozenset(("br", "hr", "img", "li", "p"))
# What marks words inside a text, which keeps its own lines.
_INLINE = frozenset((
    "a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
))  # fmt: skip
_KNOWN = _BLOCKS | _UNCLOSED | _INLINE
# "put it between <b> and </b>, or use the <p> tag": a tag that is talked of.
_MENTIONED = re.compile(r"(?<=[ \"'“‘(`])</?(?!br)[a-z0-9]{1,11}>(?=[ \"'”’)`,.;:?!])", re.I)
_BREAK = re.compile(r"<br\s{0,9}/?>\s?", re.I)


def is_html(text: str) -> bool:
    """Whether a text is laid out by HTML elements, at its beginning or in all.

    A text that talks of an element, or has some of its words in bold, is none.
    """
    opened, paired = _tags(text[: 1 << 14])
    return not paired.isdisjoint(_BLOCKS) or sum(tag in _UNCLOSED for tag in opened) >= 2


def less_inline_tags(text: str) -> str:
    """A text without the tags of words in bold and of links; `<br>` ends a line."""
    if "<" not in text:
        return text
    text = _BREAK.sub("\n", text)
    dropped = _tags(text)[1] & _INLINE
    return _TAG.sub(lambda tag: "" if tag[2].lower() in dropped else tag[0], text)


def less_tags(text: str) -> str:
    """A text without the tags of HTML that stand in it, as Markdown has them."""
    if "<" not in text:
        return text
    return _TAG.sub(lambda tag: "" if tag[2].lower() in _KNOWN else tag[0], text)


def _tags(text: str) -> tuple[list[str], set[str]]:
    """The tags that open an element of a text, and the names of those that are also closed."""
    if "<" not in text:
        return [], set()
    found = [(closing, tag.lower()) for closing, tag in _TAG.findall(_MENTIONED.sub("", text))]
    opened = [tag for closing, tag in found if not closing]
    return opened, {tag for closing, tag in found if closing}.intersection(opened)
