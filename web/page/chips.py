"""What narrows a search, each with the address of the search without it."""

from dataclasses import dataclass
from datetime import date

from indexer.storage.fields import FIELDS
from search.question.query import ATTRIBUTES
from web.page.days import readable_date, readable_period
from web.page.form import DEFAULTS, GROUPS, MODES, SearchForm

_OPERATORS = {
    **{field.name: field.label for field in FIELDS},
    "phrase": "Exactly",
    "exclude": "Excluding",
    "title": "In the title",
    "from": "From",
    "to": "Until",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """An option or an operator, and the address of the search without it.

    narrows: it leaves articles out, rather than ordering or showing them in another way
    """

    name: str
    value: str
    url: str
    narrows: bool = True


def chips(form: SearchForm) -> list[Chip]:
    """The operators of the question, then the filters, then how hits are found and shown."""
    found = [
        Chip(_OPERATORS[each.name], _shown(each.value), form.without(each).url)
        for each in form.operators
    ]
    first = form.first
    for field in FIELDS:
        values, attribute = form.values_of(field), ATTRIBUTES[field.parameter]
        found += [
            Chip(field.label, each, first.changed(**{attribute: _but(values, each)}).url)
            for each in values
        ]
    if form.published_from or form.published_to:
        period = readable_period(form.published_from, form.published_to)
        found.append(Chip("Published", period, form.between(None, None).url))
    if form.mode != DEFAULTS.mode:
        found.append(Chip("Match", MODES[form.mode], first.changed(mode=DEFAULTS.mode).url, False))
    if form.group != DEFAULTS.group:
        found.append(
            Chip("Show", GROUPS[form.group], first.changed(group=DEFAULTS.group).url, False)
        )
    return found


def _but(values: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != left_out)


def _shown(value: str | date) -> str:
    return readable_date(value.isoformat()) if isinstance(value, date) else value
