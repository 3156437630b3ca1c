"""The lines of an article told from the page around it. Every page here is made up."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.body.line_features import describe_lines
from indexer.reading.body.lines import (
    first_features,
    judge,
    judge_all,
    load_model,
    plain_line,
    plain_lines,
    second_features,
)
from indexer.reading.body.markdown import signs_in

HEADLINE = "Harbour town votes to move its market inland"
STANDFIRST = "The new square is a mile from the quay, and the fishmongers are not happy about it"
BODY = (
    "The council of Vester Havn decided on Tuesday night to move the weekly market from the quay "
    "to the old parade ground, after three floods in a single winter.",
    "“We have carried our crates up the steps in the dark three times,” said Mette Dahl, who has "
    "sold herring on the quay since 1988. “I am too old for a fourth.”",
    "The vote was eleven to four. Two members of the council, both of whom keep stalls on the "
    "quay themselves, did not take part.",
    "Traders will be given a year without rent, and the harbour office has promised a bus that "
    "runs from the ferry to the new square every twenty minutes on market days.",
    "Not all of them are convinced.",
    "“Nobody walks a mile for a mackerel,” said Jens Toft, the youngest of the fishmongers. He "
    "said that he would rather sell from his boat, if the harbour office lets him.",
    "The first market on the parade ground is planned for the second Saturday in April.",
)
TOP = """\
Skip to main content
Home
News
Sport
Weather
Podcasts
Subscribe
Log in
Vester Havn Tidende
Search"""
BYLINE = "By Karen Holm | Published 4 February 2024, 08:15"
BOTTOM = """\
Share on Facebook
Tweet
Related stories
Ferry timetable changes again
Five soups for a wet winter
Leave a comment
Your email address will not be published.
Name
Website
Most read
Fire at the rope works
Privacy policy
Terms of use
© 2024 Vester Havn Tidende. All rights reserved."""


def kept(content: str) -> list[str]:
    return [line.text for line in judge(content) if line.kept]


def page(*parts: str, between: str = "\n\n") -> str:
    return between.join(parts)


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n", "\n \n\t\n"])
def test_the_body_is_told_from_the_page(between: str) -> None:
    content = page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM, between=between)
    assert kept(content) == list(BODY)


def test_a_standfirst_under_the_byline_is_kept() -> None:
    assert kept(page(HEADLINE, BYLINE, STANDFIRST, *BODY)) == [STANDFIRST, *BODY]


def test_a_headline_printed_twice_is_dropped() -> None:
    assert kept(page(TOP, HEADLINE, HEADLINE, BYLINE, *BODY)) == list(BODY)


def test_the_body_alone_is_untouched() -> None:
    assert kept(page(*BODY)) == list(BODY)
    assert kept(" ".join(BODY)) == [" ".join(BODY)]


@pytest.mark.parametrize(
    "line",
    ["ADVERTISEMENT", "Story continues below", "Read more: A quay under water", "Share",
     "Photo: Lars Lund / Tidende", "Click here to subscribe", "Follow us on everything",
     "Home    News    Sport    Weather    Opinion    Video"],
)  # fmt: skip
def test_furniture_inside_the_body_is_dropped(line: str) -> None:
    assert kept(page(TOP, HEADLINE, BYLINE, *BODY[:3], line, *BODY[3:], BOTTOM)) == list(BODY)


@pytest.mark.parametrize(
    "heading", ["Disclaimer:", "Legal Disclaimer:", "Leave a Comment", "Comments", "LEAVE A REPLY"]
)
def test_what_follows_the_article_is_dropped(heading: str) -> None:
    small_print = (
        "Opinions in letters and comments are those of their writers. The publisher accepts no "
        "liability for them, and may delete without a reason whatever offends."
    )
    assert kept(page(HEADLINE, *BODY, heading, small_print)) == list(BODY)


def test_short_lines_between_paragraphs_are_kept() -> None:
    poem = ("Herring in the morning,", "herring in the rain,", "carry it up the steps, boys,")
    content = page(*BODY[:4], *poem, *BODY[4:])
    assert kept(content) == [*BODY[:4], *poem, *BODY[4:]]


def test_a_list_between_paragraphs_is_kept() -> None:
    items = ("• Fish and shellfish", "• Bread", "• Flowers and plants")
    content = page(*BODY[:4], "These stalls move first:", *items, *BODY[4:])
    assert kept(content) == [*BODY[:4], "These stalls move first:", *items, *BODY[4:]]


@pytest.mark.parametrize(
    "body",
    [
        (
            "시의회는 화요일 밤 매주 열리는 시장을 부두에서 옛 연병장으로 옮기기로 했다.",
            "상인들은 일 년 동안 임대료를 내지 않으며 항만청은 버스를 운행하겠다고 약속했다.",
            "첫 시장은 사월 둘째 토요일에 열릴 예정이다. 모두가 만족하는 것은 아니다.",
        ),
        (
            "市议会周二晚上决定，在一个冬天遭遇三次洪水之后，把每周一次的集市从码头迁到旧操场。",
            "摊主们将免交一年租金，港务局还承诺在集市日每二十分钟开一班公共汽车。",
            "新广场上的第一次集市定在四月的第二个星期六，并不是所有人都满意。",
        ),
        (
            "قرر مجلس المدينة مساء الثلاثاء نقل السوق الأسبوعي إلى الساحة القديمة بعد الفيضانات.",
            "لن يدفع التجار إيجارا لمدة عام، ووعد مكتب الميناء بحافلة في أيام السوق.",
            "من المقرر أن يقام السوق الأول في السبت الثاني من أبريل، فهل يأتي الناس إلى هناك؟",
        ),
    ],
)  # fmt: skip
def test_other_scripts_survive(body: tuple[str, ...]) -> None:
    assert kept(page(*body)) == list(body)
    assert set(body) <= set(kept(page(TOP, *body, BOTTOM)))


def test_a_page_without_prose_keeps_what_is_not_furniture() -> None:
    lines = ["Tide table", "Low water 04:12", "High water 10:25"]
    assert kept("\n".join([*lines, "Advertisement"])) == lines


@pytest.mark.parametrize("titled", [True, False])
def test_a_page_of_which_no_line_is_likely(titled: bool) -> None:
    assert [line.text for line in judge("7:30\nby\nby", titled)] == ["7:30", "by", "by"]


def test_wrapped_lines_are_joined() -> None:
    wrapped = page(*(textwrap.fill(paragraph, 72) for paragraph in BODY))
    assert kept(wrapped) == list(BODY)


def test_markdown_is_reduced_to_its_text() -> None:
    assert plain_line("## A [quay](https://example.org/quay) and ![its lamp](lamp.png) ##") == (
        "A quay and its lamp"
    )


@given(st.lists(st.text(" \t*_`~[](:/-#a1.", max_size=12)))
def test_lines_are_plain_one_by_one_or_together(raw: list[str]) -> None:
    assert plain_lines(raw) == [plain_line(line) for line in raw]


def test_every_line_says_why() -> None:
    lines = judge(page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM))
    assert [line.text for line in lines] == [
        plain_line(line)
        for line in page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM).split("\n")
        if plain_line(line)
    ]
    assert all(line.why for line in lines)


def test_no_text_has_no_lines() -> None:
    assert judge("") == judge(" \n\t\n # ") == []


@given(st.text(max_size=300) | st.lists(st.sampled_from([*BODY, *TOP.split("\n"), "", "… ]("]))
       .map("\n".join))  # fmt: skip
def test_kept_lines_are_lines_of_the_input_in_order(content: str) -> None:
    plain = "".join(content.split())
    for line in judge(content):
        text = "".join(line.text.split())
        assert text
        assert line.why
        # Links lose their brackets and addresses, words in bold their stars.
        if not signs_in(content):
            assert text in plain
            plain = plain[plain.index(text) + len(text) :]


@pytest.mark.parametrize(
    "content",
    ["a" * 5_000_000, "word " * 1_000_000, "[" * 1_000_000, "](" * 500_000, "| " * 1_000_000,
     "a\n" * 200_000, "a b c d\n" * 100_000, " " * 5_000_000,
     "\ud800\udc00 \x00\n" * 1000, "." * 1_000_000],
)  # fmt: skip
def test_hostile_sizes_are_read(content: str) -> None:
    judge(content)


PAGES = (
    page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM),
    "",
    page(*BODY),
    "Advertisement",
    # Glued.
    " ".join([TOP, HEADLINE, BYLINE, *BODY, BOTTOM] * 3).replace("\n", " "),
    page("…", "—"),
    page(TOP, *BODY[2:], BOTTOM),
    # More than is judged at once.
    page(*BODY * 2_000),
    page(HEADLINE, *BODY[:3]),
)


@pytest.mark.parametrize("titled", [False, True])
def test_a_page_is_judged_the_same_beside_others(titled: bool) -> None:
    together = judge_all(PAGES, [titled] * len(PAGES))
    assert together == [judge(each, titled) for each in PAGES]
    assert together[::-1] == judge_all(PAGES[::-1], [titled] * len(PAGES))
    # What is known of one headline is said of no other.
    assert judge_all(PAGES[:3], [titled, False, not titled]) == [
        together[0],
        [],
        judge(PAGES[2], not titled),
    ]


def test_the_weights_fit_the_features() -> None:
    model = load_model()
    read = describe_lines([BODY])
    first = first_features(read)
    assert first.shape[1] == len(model.first.hidden)
    assert second_features(read, model.first(first)).shape[1] == len(model.second.hidden)
    for stage in (model.first, model.second):
        assert stage.hidden.shape[1:] == stage.bias.shape == stage.output.shape
    assert 0 < model.threshold < 1


@pytest.mark.parametrize("titled", [False, True])
@pytest.mark.parametrize("first", ["", "(SNN) -- "])
def test_highlights_are_told_and_are_no_body(titled: bool, first: str) -> None:
    highlights = [STANDFIRST, "NEW: Traders pay no rent for a year", "A bus runs every 20 minutes"]
    body = [first + BODY[0], *BODY[1:]]
    story = [*body, *(line for each in highlights for line in ("@highlight", each))]
    judged = judge("\n\n".join(story), titled)
    assert [line.text for line in judged] == story
    assert [line.text for line in judged if line.kept] == body
    assert {line.why.partition(";")[0] for line in judged if not line.kept} == {
        "highlight, which sums the article up"
    }
