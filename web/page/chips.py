"""What narrows a search, each with the address of the search without it."""

from dataclasses import dataclass, replace
from datetime import date

from search.question.syntax import Name
from web.page.days import readable_date, readable_period
from web.page.form import GROUPS, MODES, SearchForm

_OPERATORS: dict[Name, str] = {
    "phrase": "Exactly",
    "exclude": "Excluding",
    "source": "Source",
    "author": "Author",
    "title": "In the title",
    "language": "Language",
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
    found += [
        Chip("Source", each, replace(first, sources=_but(form.sources, each)).url)
        for each in form.sources
    ]
    found += [
        Chip("Author", each, replace(first, authors=_but(form.authors, each)).url)
        for each in form.authors
    ]
    found += [
        Chip("Language", each, replace(first, languages=_but(form.languages, each)).url)
        for each in form.languages
    ]
    if form.published_from or form.published_to:
        period = readable_period(form.published_from, form.published_to)
        found.append(Chip("Published", period, form.between(None, None).url))
    if form.mode != "hybrid":
        found.append(Chip("Match", MODES[form.mode], replace(first, mode="hybrid").url, False))
    if form.group != "story":
        found.append(Chip("Show", GROUPS[form.group], replace(first, group="story").url, False))
    return found


def _but(values: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != left_out)


def _shown(value: str | date) -> str:
    return readable_date(value.isoformat()) if isinstance(value, date) else value
