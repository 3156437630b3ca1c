"""The page that describes the JSON service, made from its OpenAPI schema.

FastAPI's own viewers load their scripts from another host; everything here works offline.
"""

from typing import Any

_LIMITS = {
    "minLength": "{} or more characters",
    "maxLength": "at most {} characters",
    "minimum": "from {}",
    "maximum": "to {}",
    "maxItems": "at most {} times",
    "default": "default {}",
}


def limits(schema: dict[str, Any]) -> str:
    """What a parameter may be, in words, from its JSON schema."""
    kinds = [schema, *schema.get("anyOf", [])]
    kind = next((each["type"] for each in kinds if each.get("type") not in (None, "null")), "")
    words = [schema.get("description", ""), next((k["format"] for k in kinds if "format" in k), "")]
    words.append(" or ".join(schema.get("enum", [])) or ("" if words[1] else kind))
    words += [text.format(schema[key]) for key, text in _LIMITS.items() if schema.get(key)]
    return ", ".join(filter(None, words))
