"""What a search is limited to, as conditions in SQL that the engine evaluates.

Every value that comes from a question or an article is quoted, and every column is one of ours.
"""

from collections.abc import Iterable, Iterator, Sequence

from indexer.storage.fields import FIELDS, ArticleField
from indexer.storage.filter import Filter
from indexer.storage.lance.tables import key_column, one_of, quoted


def of_articles(filter: Filter) -> Iterator[str]:
    """The conditions of the values, days and numbers of a filter."""
    for field in FIELDS:
        if asked := filter.values.get(field.name):
            yield _field_condition(field, asked)
    if filter.first_day is not None:
        yield f"last_day >= {filter.first_day.toordinal()}"
    if filter.last_day is not None:
        yield f"first_day >= 0 AND first_day <= {filter.last_day.toordinal()}"
    yield none_of("article", filter.without_articles)
    yield none_of("story", filter.without_stories)
    yield none_of("number", filter.without_passages)


def _field_condition(field: ArticleField, asked: Sequence[str]) -> str:
    column, wishes = key_column(field), field.wishes(asked)
    if not wishes:
        return "false"
    if field.match == "equal":
        return one_of(column, wishes)
    if field.match == "words":
        names = [
            " AND ".join(f"strpos({column}, {quoted(f' {word} ')}) > 0" for word in wish.split())
            for wish in wishes
        ]
        return " OR ".join(f"({each})" for each in names)
    ends = [f"ends_with(concat('.', {column}), {quoted(f'.{wish}')})" for wish in wishes]
    return f"{column} IS NOT NULL AND ({' OR '.join(ends)})"


def none_of(column: str, numbers: Iterable[int]) -> str:
    """The condition that a number is none of some; empty if there are none."""
    wanted = list(numbers)
    return f"NOT ({one_of(column, wanted)})" if wanted else ""


def holds_all(stems: Sequence[str]) -> str:
    """The condition that a passage, with its headline, has all of some stems."""
    return f"array_has_all(terms, [{', '.join(map(quoted, dict.fromkeys(stems)))}])"


def holds_phrase(stems: Sequence[str]) -> str:
    """The condition that a passage or its headline has these stems in a row; empty of none."""
    if len(stems) < 2:
        return holds_all(stems) if stems else ""
    # Two spaces divide headline and text, so that no phrase is in both.
    row = quoted(f" {' '.join(stems)} ")
    return f"{holds_all(stems)} AND strpos(concat(' ', words, ' '), {row}) > 0"


def holds_in_title(stems: Sequence[str]) -> str:
    """The condition that the headline has all of some stems, at least one."""
    title = "concat(' ', split_part(words, '  ', 1), ' ')"
    found = [f"strpos({title}, {quoted(f' {stem} ')}) > 0" for stem in dict.fromkeys(stems)]
    return " AND ".join([holds_all(stems), *found])
