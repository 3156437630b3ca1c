"""What programs write into a document's properties: often nothing that anybody meant."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b|untitled\b|document\s?\d*$|slide \d|print\b)|"
    r"\.(?:docx?|indd|qxp|qxd|pdf|rtf|odt|pages|tmp|tex|dvi|e?ps|html?|php|aspx?|txt)$",
    re.I,
)
_NO_NAME = re.compile(
    r"\b(?:user|admin\w*|owner|scanner|adobe|microsoft|acrobat|python-docx|unknown|default)\b|[@\d\\/]",
    re.I,
)


def a_title(text: str) -> str | None:
    """The title that a property holds; None if it is a file's name, or a program's."""
    line = " ".join(text.split())
    return line if len(_WORD.findall(line)) > 1 and not _NO_TITLE.search(line) else None


def a_name(text: str) -> str | None:
    """The name of a person that a property holds; None if it is an account's, or a program's."""
    line = " ".join(text.split())
    return line if len(_WORD.findall(line)) > 1 and not _NO_NAME.search(line) else None
