"""Which languages a model was trained for, as far as its model card says.

https://huggingface.co/docs/hub/model-cards
"""

import re
from pathlib import Path

_LONGEST_CARD = 1 << 20
_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n(.*?)^---\s*$", re.S | re.M)
# A word, or a list in either of YAML's forms. Read as YAML, Norwegian ("no") would be False.
_LANGUAGE = re.compile(r"^language:([^\n]*(?:\n\s*-[^\n]*)*)", re.M)
_CODE = re.compile(r"\b([a-z]{2,3})(?:[-_]\w+)?\b", re.I)


def languages_of(model_folder: Path) -> frozenset[str] | None:
    """ISO 639 codes from `language` in the front matter of README.md, without regions.

    None if it names none: no card, or no more than "multilingual".
    """
    try:
        with (model_folder / "README.md").open(encoding="utf-8", errors="replace") as stream:
            card = stream.read(_LONGEST_CARD)
    except OSError:
        return None
    front = _FRONT_MATTER.match(card)
    named = _LANGUAGE.search(front[1]) if front else None
    return frozenset(code.lower() for code in _CODE.findall(named[1])) or None if named else None
