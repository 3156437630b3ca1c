"""Texts of several articles with rules between them, and texts whose rules part sections."""

import textwrap
from pathlib import Path

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from tests.support.corpus import BAKERY, FERRY

LIGHTHOUSE = (
    "Councillors voted nine to two on Tuesday to turn the lighthouse at Gull Point into a museum.",
    "The keeper, Odd Halvorsen, said that he would miss the fog. “But not the stairs,” he said.",
)
TITLES = (
    "Last loaves at the Millbrook bakery",
    "Night ferry runs aground on a sandbank",
    "Lighthouse to be a museum",
)
BODIES = (BAKERY, FERRY, LIGHTHOUSE)
DAYS = ("9 February 2024", "10 February 2024", "11 February 2024")
RULES = ("---", "-----", "=" * 40, "* * *", "***", "-" * 80, "_" * 20, "~~~~~~~~")


def _read(path: Path, content: str) -> list[Document | Rejected]:
    path.write_text(content)
    return list(read_documents(path))


def _heads(form: str, count: int = 3) -> list[str]:
    parts = zip(TITLES, DAYS, BODIES, strict=True)
    return [form.format(title=t, day=d, body="\n\n".join(b)) for t, d, b in parts][:count]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    "form",
    [
        "{title}\n{day}\n\n{body}",
        "{title}\n\nBy Ann Ek\n\nPublished: Friday, {day}, 10:00\n\n{body}",
        "{day}\n\n{title}\n\n{body}",
        "The Skerry Post\n## {title}\n\n{day}\n{body}",
        "NEWS\n\n{title}\nThe Skerry Post, {day}\n\n{body}",
    ],
)
def test_each_with_a_headline_and_a_day_is_an_article(
    tmp_path: Path, form: str, count: int, rule: str
) -> None:
    parts = _heads(form, count)
    for between in (f"\n\n{rule}\n\n", f"\n{rule}\n", f"\r\n\r\n{rule}\r\n"):
        for end in ("", f"\n{rule}\n"):
            found = _read(tmp_path / "a.txt", between.join(parts) + end)
            places = [f"{tmp_path}/a.txt:{n}" for n in range(1, count + 1)]
            assert [each.location for each in found] == places
            for each, title, day, body in zip(found, TITLES, DAYS, BODIES, strict=False):
                assert isinstance(each, Document)
                article = clean(each)
                assert isinstance(article, Article)
                assert (article.title, article.text) == (title, "\n\n".join(body))
                assert article.published is not None
                assert article.published.iso[8:10].lstrip("0") == day.split()[0]


def test_narrow_columns(tmp_path: Path) -> None:
    wrapped = ["\n\n".join(textwrap.fill(each, 60) for each in body) for body in BODIES]
    heads = zip(TITLES, DAYS, wrapped, strict=True)
    parts = [f"{title}\n{day}\n\n{body}" for title, day, body in heads]
    found = _read(tmp_path / "a.txt", "\n-----\n".join(parts))
    assert [clean(each).title for each in found if isinstance(each, Document)] == list(TITLES)  # type: ignore[union-attr]


def test_a_head_between_two_rules_is_that_of_the_text_below(tmp_path: Path) -> None:
    rule = "=" * 60
    parts = _heads(f"{rule}\n{{title}}\n{{day}}\n{rule}\n{{body}}\n")
    found = _read(tmp_path / "a.txt", "".join(parts))
    assert [clean(each).title for each in found if isinstance(each, Document)] == list(TITLES)  # type: ignore[union-attr]


def test_several_texts_with_front_matter(tmp_path: Path) -> None:
    parts = _heads('---\ntitle: "{title}"\ndate: {day}\ntags:\n  - quay\n---\n\n{body}\n\n')
    found = _read(tmp_path / "a.md", "".join(parts))
    assert [(each.title, each.date) for each in found if isinstance(each, Document)] == [
        *zip(TITLES, DAYS, strict=True)
    ]


@pytest.mark.parametrize("rule", ["=" * 40, "===", "-" * 20, "*" * 70])
@pytest.mark.parametrize("form", ["{title}\n\n{body}", "{day}\n\n{body}"])
def test_long_rules_part_what_has_only_a_headline_or_a_day(
    tmp_path: Path, form: str, rule: str
) -> None:
    found = _read(tmp_path / "a.txt", f"\n\n{rule}\n\n".join(_heads(form)))
    assert len(found) == 3
    for each, body in zip(found, BODIES, strict=True):
        assert isinstance(each, Document)
        article = clean(each)
        assert isinstance(article, Article)
        assert article.text == "\n\n".join(body)


def test_what_stands_above_them_is_told_and_a_section_stays_with_its_article(
    tmp_path: Path,
) -> None:
    one, two, three = _heads("{title}\n{day}\n\n{body}")
    section = "In the evening the square was empty, and nobody had sold a single fish all day."
    content = "\n\n---\n\n".join(["Skerry Post, the week", one, section, two, three])
    above, *found = _read(tmp_path / "a.txt", content)
    assert above == Rejected(
        f"{tmp_path}/a.txt", "no text: what stands above several articles", foreign=True
    )
    assert [isinstance(each, Document) and section in each.content for each in found] == [
        True, False, False,
    ]  # fmt: skip
    assert len(found) == 3


SECTION = "The second part began on a Tuesday, when the councillors came back from the island."


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "text",
    [
        "{title}\n{day}\n\n{body}\n\n{rule}\n\n{section}",
        "{title}\n{day}\n\n{body}\n\n{rule}\n\n{section}\n\n{rule}\n\n{section} Again.",
        "{title}\n{day}\n\n{body}\n\n{rule}\n\nThe Skerry Post is printed on Skerry.",
        "{title}\n{day}\n\n{body}\n\n{rule}\n\nThe second day\n\n{section}",
        "{title}\n{day}\n\n{body}\n\n{rule}\n\nThis story was first published on {day}.",
        "{title}\n{day}\n\n{body}\n\n{rule}\n\nBy Ann Ek\n\n{rule}\n\n© Skerry Post",
        "{title}\n{rule}\n{day}\n\n{body}\n\n{section}",
        "{rule}\n{title}\n{day}\n{rule}\n\n{body}\n\n{section}",
    ],
)
def test_a_rule_inside_an_article_is_no_border(tmp_path: Path, text: str, rule: str) -> None:
    content = text.format(
        title=TITLES[0], day=DAYS[0], body="\n\n".join(BAKERY), section=SECTION, rule=rule
    )
    (found,) = _read(tmp_path / "a.txt", content)
    assert isinstance(found, Document)
    assert (found.location, found.content) == (f"{tmp_path}/a.txt", content)


@pytest.mark.parametrize("rule", ["---", "***", "* * *", "-----"])
def test_sections_with_headings_are_one_article(tmp_path: Path, rule: str) -> None:
    content = f"\n\n{rule}\n\n".join(_heads("{title}\n\n{body}"))
    (found,) = _read(tmp_path / "a.md", content)
    assert isinstance(found, Document)
    assert found.content == content


def test_underlined_headings_are_no_borders(tmp_path: Path) -> None:
    parts = zip(TITLES, BODIES, strict=True)
    content = "\n\n".join(f"{t}\n{'=' * len(t)}\n\n" + "\n\n".join(b) for t, b in parts)
    (found,) = _read(tmp_path / "a.md", content)
    assert isinstance(found, Document)


@pytest.mark.parametrize(
    "content",
    [
        "---\n" * 400_000,
        "A day\n---\n" * 150_000,
        "A day\n1 May 2024\n---\n" * 80_000,
        "- " * 900_000,
        "A\n" * 900_000 + "---\n",
    ],
)
def test_hostile_sizes_are_read(tmp_path: Path, content: str) -> None:
    assert _read(tmp_path / "a.txt", content)
