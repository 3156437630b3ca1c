"""Fields that stand above a text: between lines of `---` (YAML) or `+++` (TOML), or labelled.

Web clippers, Hugo and Jekyll write the former above Markdown; dumps of pages have "Title: …".
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import yaml

from indexer.reading.fields import NAMES, field_of, is_field

# In characters; a longer block is no front matter.
_LONGEST = 1 << 14
_BLOCK = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|$)", re.S)
_NAME = re.compile(r"[\w-]{1,40}")
_LINE = re.compile(rf"({_NAME.pattern}):(?:\s+(.*))?$")
_LABEL = re.compile(r"([A-Za-z][\w -]{1,30}):(?:[ \t]+(.*))?$")
# Labels that lists and letters have too.
_OF_ANYTHING = frozenset(("name", "day", "time"))
# "[[Ragna Holt]]", "[[people/Ragna|Ragna Holt]]": a link to another note.
_LINK = re.compile(r"\[\[(?:[^\[\]|]{0,300}\|)?([^\[\]|]{1,300})\]\]")


class _Loader(yaml.BaseLoader):  # type: ignore[misc]
    """Every value a text; no aliases, which make much of little."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def with_front_matter(text: str) -> Mapping[str, Any]:
    """The record of a text: the fields above it, if it has some, and the rest."""
    found = _BLOCK.match(text[:_LONGEST])
    fields = _fields(found[1], found[2]) if found else None
    rest = text[found.end() :] if found else text
    if not fields or not _is_record(fields):
        fields, rest = _labelled(text) or ({}, text)
    source = fields.get("source")
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        fields.setdefault("url", fields.pop("source"))
    return {**fields, "text": rest}


def _labelled(text: str) -> tuple[dict[str, Any], str] | None:
    """The fields in the labelled lines above a text, and the text; None if these are not two.

    They end with a blank line, or a label of the text: "Markdown Content:".
    """
    text = text.lstrip()
    fields: dict[str, Any] = {}
    ended: tuple[dict[str, Any], str] | None = None
    blank = strange = False
    at = 0
    for line in text[:_LONGEST].split("\n"):
        found = _LABEL.match(line)
        if found is None and line.strip():
            break
        if found is None:
            blank = True
            if not strange and _has_two(fields):
                ended = dict(fields), text[at:]
        elif field_of(found[1]) == "text" and not (strange and found[2]):
            rest = text[at + found.end(1) + 1 :]
            return (fields, rest) if _has_two(fields) and rest.strip() else None
        else:
            # Below a blank line a label may be the text's own: "London: a fog".
            strange = strange or (blank and not _is_told(found[1]))
            fields.setdefault(found[1].lower(), (found[2] or "").strip())
        at += len(line) + 1
    return ended if ended and ended[1].strip() else None


def _is_told(label: str) -> bool:
    return label.lower() not in _OF_ANYTHING and field_of(label) in NAMES


def _has_two(fields: Mapping[str, str]) -> bool:
    """Whether labels name two fields of an article, and not more of something else."""
    told = [name for name, value in fields.items() if value and _is_told(name)]
    return len({field_of(name) for name in told}) >= 2 and 2 * len(told) >= len(fields)


def _fields(fence: str, block: str) -> dict[str, Any] | None:
    """What a block says; None if it says nothing."""
    try:
        found = tomllib.loads(block) if fence == "+++" else yaml.load(block, _Loader)
    except (ValueError, yaml.YAMLError, RecursionError):
        return _by_line(block)
    return (
        {str(name): _plain(value) for name, value in found.items()}
        if isinstance(found, dict)
        else None
    )


def _by_line(block: str) -> dict[str, Any] | None:
    """What clippers write and YAML does not read: `title: Quay: the plan`."""
    lines = [
        line for line in block.split("\n") if line.strip() and not line.startswith(("#", " ", "-"))
    ]
    pairs = [_LINE.match(line) for line in lines]
    return (
        {pair[1]: _plain((pair[2] or "").strip(" \"'")) for pair in pairs if pair}
        if all(pairs)
        else None
    )


def _is_record(fields: Mapping[str, Any]) -> bool:
    """Whether these are fields, and not a note between two lines."""
    named = all(_NAME.fullmatch(name) for name in fields)
    return named and any(is_field(name) and name.lower() not in _OF_ANYTHING for name in fields)


def _plain(value: Any) -> Any:
    """A value as fields are read: days as texts, links to notes as their names."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _LINK.sub(r"\1", value) if isinstance(value, str) else value
