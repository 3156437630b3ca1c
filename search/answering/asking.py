"""Whether what is asked is a question at all, or words that articles are looked for by.

Only a question has an answer: of words nothing is asserted and nothing is denied.
"""

import re

from indexer.letters import UNSPACED

# Words that begin a question, or a clause that is one.
_BEGINS = re.compile(
    r"(?:^|[.!?;:,\u2013\u2014-]\s+|\b(?:and|but|so|then)\s+)"
    r"(?:in|on|at|by|for|from|of|to|with|about|after|before|since|under|over|between|during)?\s*"
    r"(?:who(?:m|se)?|what|which|when|where|why|how)(?:['’]?(?:s|re|d|ll))?\b",
    re.I,
)
_DOES = re.compile(
    r"^(?:is|are|was|were|am|do|does|did|has|have|had|could|would|should|"
    r"isn['’]?t|aren['’]?t|wasn['’]?t|weren['’]?t|didn['’]?t|doesn['’]?t|hasn['’]?t|"
    r"haven['’]?t)\s+\S+\s+\S"
    # Will Smith, May Day, a can opener
    r"|^(?:can|will|may|might|must|shall)\s+(?:the|an?|this|that|i|you|he|she|it|we|they|there|any|"
    r"people|anyone)\s+\S",
    re.I,
)
_TELL = re.compile(r"^(?:tell me|name (?:the|a|one|two|three)|explain|find out|list the)\b", re.I)
# "the firm closed how many shops in May", "he won what prize"
_INSIDE = re.compile(r"\b(?:what|how (?:many|much|old|long|far|often)|why)\b", re.I)
_ACRONYM = re.compile(r"\bWHO\b")


def is_question(words: str) -> bool:
    """Whether words ask something; English only."""
    # The organization is no pronoun, unless all is in capitals.
    said = words if words.isupper() else _ACRONYM.sub("the organization", words)
    if said.rstrip(" \"'”’)").endswith(("?", "？", "؟")):
        return len(said.split()) > 1 or UNSPACED.search(said) is not None
    if len(said.split()) < 3:
        return False
    return bool(
        _BEGINS.search(said)
        or _DOES.match(said)
        or _TELL.match(said)
        or (len(said.split()) > 4 and _INSIDE.search(said))
    )
