"""The marks of Markdown inside a line: links, emphasis, code. What a reader sees is left."""

import re
from collections.abc import Sequence

_ADDRESS = r"(?:[^\s()]|\([^\s()]{0,200}\)){0,1000}"
_LINK = re.compile(
    rf"!?\[([^\[\]\n]{{0,300}})\](?:\(<?{_ADDRESS}>?(?:\s+[\"'(][^\n\"]{{0,300}}[\"')])?\)|\[[^\[\]\n]{{0,100}}\])"
)
_REFERENCE = re.compile(r"\s{0,3}\[[^\[\]\n]{1,200}\]:\s+<?(?:https?://|www\.|/|#)\S+.{0,300}")
_ADDRESSED = re.compile(r"<(https?://[^\s<>]{1,1000})>")
_EMPHASIS = (
    ("**", re.compile(r"(?<![\w*])\*{2,3}(?=[^\s*])([^*\n]{1,1000}?)(?<=\S)\*{2,3}(?![\w*])")),
    ("__", re.compile(r"(?<![\w_])__(?=[^\s_])([^_\n]{1,1000}?)(?<=[^\s_])__(?![\w_])")),
    ("*", re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,1000}?)(?<=\S)\*(?![\w*])")),
    ("_", re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]{1,1000}?)(?<=\S)_(?![\w_])")),
    ("~~", re.compile(r"~~(?=\S)([^~\n]{1,1000}?)(?<=\S)~~")),
    ("`", re.compile(r"`([^`\n]{1,300})`")),
)
# Between parts, and around code.
_RULES = ("---", "```", "~~~", "- -")
# A line without any of these has none of all the marks.
_SIGNS = ("]", "://", "*", "_", "~~", "`", "---", "- -")
_RULE = re.compile(r"\s*(?:(?:-\s?){3,}|`{3,}[\w-]{0,30}|~{3,}[\w-]{0,30})\s*")


def less_marks(lines: Sequence[str]) -> Sequence[str]:
    """Lines of Markdown without their marks; one that is nothing else is empty."""
    # Most pages have no marks at all, and others one kind.
    signs = signs_in("\n".join(lines))
    if not signs:
        return lines
    return [_less_marks(line) if any(map(line.__contains__, signs)) else line for line in lines]


def signs_in(text: str) -> list[str]:
    """What in a text may be of marks."""
    return [sign for sign in _SIGNS if sign in text]


def _less_marks(line: str) -> str:
    if "](" in line or "][" in line:
        # An image inside a link is the inner of two.
        line = _LINK.sub(r"\1", _LINK.sub(r"\1", line))
    if "]:" in line and _REFERENCE.fullmatch(line):
        return ""
    if "://" in line:
        line = _ADDRESSED.sub(r"\1", line)
    for mark, pattern in _EMPHASIS:
        if mark in line:
            line = pattern.sub(r"\1", line)
    return "" if line[:3] in _RULES and _RULE.fullmatch(line) else line
