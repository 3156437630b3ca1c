"""Verbs by which news reports what somebody said: a question's "promise" is a report's "vowed".

Reporters vary these verbs on purpose, and the model's vectors tell them apart too well. Ten groups,
each verb by its stem, matched at the start of a word.
"""

import re

_GROUPS = (
    "promis pledg vow affirm reaffirm assur reassur guarante commit swear swore undertak undertook",
    "say said tell told stat declar announc claim insist assert explain report disclos reveal",
    "accus blam condemn critici denounc slam decr",
    "deny deni reject refut dismiss rebut",
    "warn threat caution",
    "demand urg call ask request appeal",
    "agree sign approv ratif endors",
    "refus declin",
    "prais thank hail applaud welcom laud",
    "predict expect forecast foresee",
)
_PATTERNS = tuple(
    re.compile(rf"\b(?:{'|'.join(group.split())})\w{{0,4}}\b", re.I) for group in _GROUPS
)


def group_of(word: str) -> re.Pattern[str] | None:
    """What finds the verbs that report the same act as `word`, None if it is no such verb."""
    return next((pattern for pattern in _PATTERNS if pattern.fullmatch(word)), None)
