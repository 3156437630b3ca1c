"""What a source prints under all its articles is found by counting, and nothing else is."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.body.boilerplate import Recurrence, described

SLOGAN = "Support the only paper that is printed on the island itself."
QUOTED = "“We will rebuild the pier before the herring come back,” said Mayor Oda Fjeld."
BACKGROUND = "The pier fell into the sea during the storm that began on the second of March."


def _found(articles: Sequence[tuple[str | None, Sequence[str]]]) -> list[list[int]]:
    recurrence = Recurrence()
    for source, paragraphs in articles:
        recurrence.add(source, None, described(paragraphs))
    return [[position for position, _ in found] for found in recurrence.boilerplate()]


def _own(number: int) -> list[str]:
    return [
        f"Article {number} tells of the {number}th boat that came into the harbour this year.",
        f"Its owner, who is number {number} on the list, said nothing about the cargo at all.",
    ]


def test_a_line_under_every_article_of_a_source_goes() -> None:
    articles = [("Echo", [*_own(n), SLOGAN]) for n in range(8)]
    assert _found(articles) == [[2]] * 8


def test_it_goes_from_any_place_and_whatever_its_case_and_spacing() -> None:
    articles = [("Echo", [*_own(n)[: n % 2], SLOGAN, *_own(n)[n % 2 :]]) for n in range(8)]
    articles += [("Echo", [*_own(8), SLOGAN.upper().replace(" ", "  ")])]
    assert _found(articles) == [*([n % 2] for n in range(8)), [2]]


def test_it_stays_in_another_source_and_while_it_is_rare() -> None:
    articles = [("Echo", [*_own(n), SLOGAN]) for n in range(8)]
    articles.append(("Herald", [*_own(9), SLOGAN]))
    assert _found(articles) == [*[[2]] * 8, []]
    rare = [("Echo", [*_own(n), *([SLOGAN] if n < 7 else [])]) for n in range(100)]
    assert _found(rare) == [[]] * 100


def test_five_are_enough_in_a_small_source() -> None:
    assert _found([("Echo", [*_own(n), *([SLOGAN] if n < 5 else [])]) for n in range(20)]) == [
        *[[2]] * 5,
        *[[]] * 15,
    ]


def test_a_quotation_stays_however_many_articles_repeat_it() -> None:
    articles = [("Echo", [*_own(n), QUOTED, SLOGAN]) for n in range(30)]
    assert _found(articles) == [[3]] * 30


def test_short_lines_go_only_if_they_are_in_many() -> None:
    def articles(share: float) -> list[tuple[str, list[str]]]:
        return [("Echo", ["Echo –", *_own(n)] if n < 200 * share else _own(n)) for n in range(200)]

    assert _found(articles(0.2)) == [*[[0]] * 40, *[[]] * 160]
    assert _found(articles(0.05)) == [[]] * 200


def test_versions_of_one_article_keep_what_they_share() -> None:
    paragraphs = [
        f"The {n}th thing that is known of the storm is told here once." for n in range(9)
    ]
    versions = [("Echo", [*paragraphs, f"This is update number {n} of it."]) for n in range(20)]
    assert _found(versions) == [[]] * 20
    copies = [("Echo", paragraphs)] * 20
    assert _found(copies) == [[]] * 20


def test_an_article_is_never_emptied() -> None:
    articles = [("Echo", [*_own(n), SLOGAN]) for n in range(8)]
    assert _found([*articles, ("Echo", [SLOGAN])]) == [*[[2]] * 8, []]


def test_no_articles_and_no_source() -> None:
    assert _found([]) == []
    assert _found([(None, [*_own(n), SLOGAN]) for n in range(8)]) == [[2]] * 8
    assert _found([(None, [*_own(n), SLOGAN]) for n in range(7)]) == [[]] * 7


@pytest.mark.parametrize(("repeated", "goes"), [(24, False), (25, True)])
def test_background_between_paragraphs_stays_longer(repeated: int, goes: bool) -> None:
    def articles(place: int) -> list[list[int]]:
        found = []
        for n in range(300):
            paragraphs = _own(n)
            if n < repeated:
                paragraphs.insert(place, BACKGROUND)
            found.append(("Echo", paragraphs))
        return _found(found)

    assert articles(1)[:repeated] == [[1] if goes else []] * repeated
    assert articles(2)[:repeated] == [[2]] * repeated


def test_a_run_of_lines_at_the_end_goes_whole() -> None:
    articles = [("Echo", [*_own(n), SLOGAN, BACKGROUND] if n < 8 else _own(n)) for n in range(300)]
    assert _found(articles)[:8] == [[2, 3]] * 8


def test_posts_of_a_live_blog_stay() -> None:
    posts = [f"Post {n}: the {n}th thing that happened on this very long day." for n in range(52)]
    snapshots = [("Echo", posts[4 * n : 4 * n + 12]) for n in range(10)]
    assert _found(snapshots) == [[]] * 10


@pytest.mark.parametrize(
    "said",
    ["‘We will rebuild the pier before the herring come back,’ said Mayor Oda Fjeld.",
     "「私たちはニシンが戻る前に桟橋を再建するつもりです」と市長は述べた。",
     "“We will rebuild the pier before the herring come back, whatever it may cost us."],
)  # fmt: skip
def test_every_form_of_quotation_stays(said: str) -> None:
    assert _found([("Echo", [*_own(n), said]) for n in range(30)]) == [[]] * 30


def test_the_earliest_article_that_has_a_paragraph_is_told() -> None:
    days = ["2024-03-09", None, "2024-03-02T23:00", "2024-03-02", "2024-03", *["2025-01-01"] * 4]
    recurrence = Recurrence()
    for number, day in enumerate(days):
        # The third has it twice.
        paragraphs = [*_own(number), *[SLOGAN] * (1 + (number == 2))]
        recurrence.add("Echo", day, described(paragraphs))
    # Of one day the first in order; an article of which only the month is known after its days.
    assert [[first for _, first in found] for found in recurrence.boilerplate()] == [
        [False], [False], [True, False], *[[False]] * 6
    ]  # fmt: skip


def test_text_without_spaces_is_not_short() -> None:
    line = "この記事は購読者だけが全文を読むことができます"
    assert _found([("島報", [*_own(n), line]) for n in range(8)]) == [[2]] * 8


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Echo", "Herald", None]),
            st.lists(st.sampled_from([SLOGAN, QUOTED, BACKGROUND, "Why", *_own(1), *_own(2)])),
        ),
        max_size=40,
    )
)
def test_the_order_of_articles_changes_nothing(
    articles: list[tuple[str | None, list[str]]],
) -> None:
    found = _found(articles)
    order = sorted(range(len(articles)), key=lambda n: (len(articles[n][1]), n))
    shuffled = _found([articles[n] for n in order])
    assert [found[n] for n in order] == shuffled
    for (_, paragraphs), positions in zip(articles, found, strict=True):
        assert positions == sorted(set(positions))
        assert not paragraphs or len(positions) < len(paragraphs)
        assert all(0 <= position < len(paragraphs) for position in positions)
