"""Fields that stand above a text, between lines of `---` (YAML) or `+++` (TOML).

Web clippers, Hugo and Jekyll write them above Markdown.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import yaml

from indexer.reading.fields import is_field

# In characters; a longer block is no front matter.
_LONGEST = 1 << 14
_BLOCK = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|$)", re.S)
_NAME = re.compile(r"[\w-]{1,40}")
_LINE = re.compile(rf"({_NAME.pattern}):(?:\s+(.*))?$")
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
    if found is None or not fields or not _is_record(fields):
        return {"text": text}
    source = fields.get("source")
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        fields.setdefault("url", fields.pop("source"))
    return {**fields, "text": text[found.end() :]}


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
    return named and (len(fields) > 1 or any(map(is_field, fields)))


def _plain(value: Any) -> Any:
    """A value as fields are read: days as texts, links to notes as their names."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _LINK.sub(r"\1", value) if isinstance(value, str) else value
