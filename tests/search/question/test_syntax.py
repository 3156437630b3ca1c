"""Operators are told from plain words, whatever is asked."""

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.question import syntax
from search.question.syntax import MAX_OPERATORS, NAMES, Operator, one_line, parse, without
from tests.conftest import ROOT

Read = list[tuple[str, str | date, str]]


def read(text: str) -> Read:
    return [(each.name, each.value, each.written) for each in parse(text).operators]


@pytest.mark.parametrize(
    ("text", "operator", "words"),
    [
        ('"harbour ferry"', ("phrase", "harbour ferry", '"harbour ferry"'), "harbour ferry"),
        ('the "harbour  ferry" fire', ("phrase", "harbour ferry", '"harbour  ferry"'), None),
        ('who said "let it rain"?', ("phrase", "let it rain", '"let it rain"'), None),
        ("ferry -fire", ("exclude", "fire", "-fire"), "ferry"),
        ("ferry -fire, harbour", ("exclude", "fire", "-fire"), "ferry , harbour"),
        ("vaccine -covid-19", ("exclude", "covid-19", "-covid-19"), "vaccine"),
        ("council -O'Neill", ("exclude", "O'Neill", "-O'Neill"), "council"),
        ("bridge -École", ("exclude", "École", "-École"), "bridge"),
        ("渡轮 -码头、", ("exclude", "码头", "-码头"), "渡轮 、"),
        ("ราคา -ข่าว", ("exclude", "ข่าว", "-ข่าว"), "ราคา"),
        ("पुल -हिन्दी", ("exclude", "हिन्दी", "-हिन्दी"), "पुल"),
        ("tram title:ＵＮ", ("title", "UN", "title:ＵＮ"), "tram UN"),
        ('ferry -"on fire"', ("exclude", "on fire", '-"on fire"'), "ferry"),
        ("tram source:cnn.com", ("source", "cnn.com", "source:cnn.com"), "tram"),
        ("who resigned source:cnn?", ("source", "cnn", "source:cnn"), "who resigned ?"),
        ("tram source:Yahoo!", ("source", "Yahoo!", "source:Yahoo!"), "tram"),
        ('tram source:"USA Today"', ("source", "USA Today", 'source:"USA Today"'), "tram"),
        ("SOURCE:Reuters tram", ("source", "Reuters", "SOURCE:Reuters"), "tram"),
        ("author:Lindqvist tram", ("author", "Lindqvist", "author:Lindqvist"), "tram"),
        ("title:tram strike", ("title", "tram", "title:tram"), "tram strike"),
        ('a title:"tram strike" b', ("title", "tram strike", 'title:"tram strike"'), None),
        ("tram lang:EN", ("language", "en", "lang:EN"), "tram"),
        ("tram lang:pt-BR", ("language", "pt", "lang:pt-BR"), "tram"),
        ("tram after:2024", ("from", date(2024, 1, 1), "after:2024"), "tram"),
        ("tram after:2024-11", ("from", date(2024, 11, 1), "after:2024-11"), "tram"),
        ("tram after:2024-11-30", ("from", date(2024, 11, 30), "after:2024-11-30"), "tram"),
        ('tram After:"2024/3/5"', ("from", date(2024, 3, 5), 'After:"2024/3/5"'), "tram"),
        ("tram before:2024", ("to", date(2024, 12, 31), "before:2024"), "tram"),
        ("tram before:2024-02", ("to", date(2024, 2, 29), "before:2024-02"), "tram"),
        ("tram before:2023-02, or", ("to", date(2023, 2, 28), "before:2023-02"), "tram , or"),
        ("tram before:2024-11-30", ("to", date(2024, 11, 30), "before:2024-11-30"), "tram"),
    ],
)
def test_operators(text: str, operator: tuple[str, str | date, str], words: str | None) -> None:
    assert read(text) == [operator]
    assert parse(text).words == (
        one_line(text.replace(operator[2], str(operator[1]))) if words is None else words
    )


def test_several_in_one_question() -> None:
    text = 'why did "the mayor" resign -golf source:Courier source:Herald after:2024 before:2024-06'
    assert parse(text).words == "why did the mayor resign"
    assert [(each.name, str(each.value)) for each in parse(text).operators] == [
        ("phrase", "the mayor"),
        ("exclude", "golf"),
        ("source", "Courier"),
        ("source", "Herald"),
        ("from", "2024-01-01"),
        ("to", "2024-06-30"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "re: a test",
        "title: a test",
        "5-4 vote",
        "covid-19",
        "-5 degrees",
        "-",
        "--",
        "--word",
        "C++ -",
        "a - b",
        "(-b",
        "-source:cnn",
        "-#golf",
        '-a"b',
        '"an unclosed quote',
        'a 12" pan and a 6\'2" cook',
        '""',
        '" "',
        '"?!"',
        '-"-"',
        '"Spider-Man"-like',
        '"a""b"',
        "source:",
        'source:""',
        "source:??",
        'source:"an unclosed quote',
        'source:a"b',
        'source:"a"b',
        "nosource:cnn",
        "topic:cnn.com",
        "-¹",
        "-½ degrees",
        "http://example.org/source:cnn",
        "12:30",
        "after:yesterdayish",
        "after:2024-13",
        "after:2024-02-30",
        "after:24",
        "after:2024-11-30T10:00",
        "after:٢٠٢٤",
        "before:0000",
        "lang:english",
        "tıtle:a",
        "ſource:a",
        "“typographic quotes”",
        "„Anführungszeichen“ «guillemets» 'apostrophes'",
        "",
    ],
)
def test_plain_words(text: str) -> None:
    parsed = parse(text)
    assert parsed.operators == ()
    assert parsed.words == one_line(text)


def test_the_rest_of_too_many_is_plain_words() -> None:
    parsed = parse(" ".join(f"-w{number}" for number in range(MAX_OPERATORS + 2)))
    assert [each.value for each in parsed.operators] == [f"w{n}" for n in range(MAX_OPERATORS)]
    assert parsed.words == f"-w{MAX_OPERATORS} -w{MAX_OPERATORS + 1}"


def test_one_operator_is_taken_out() -> None:
    text = 'tram "the mayor" -golf strike'
    phrase, golf = parse(text).operators
    assert without(text, phrase) == "tram -golf strike"
    assert without(text, golf) == 'tram "the mayor" strike'
    assert without("-golf", parse("-golf").operators[0]) == ""


def test_words_of_an_operator_are_no_operators() -> None:
    parsed = parse('"-golf source:cnn" title:"after:2024"')
    assert [each.name for each in parsed.operators] == ["phrase", "title"]
    assert parsed.words == "-golf source:cnn after:2024"


def test_control_characters_and_broken_surrogates() -> None:
    parsed = parse('a\x00-b\u200b"c\x07d" source:\ud800e\nf')
    assert [each.value for each in parsed.operators] == ["b", "c d", "?e"]
    assert parsed.words == "a c d f"


def test_the_document() -> None:
    document = (ROOT / "docs/queries.md").read_text("utf-8")
    operators = re.findall(r"(?m)^\| `(.*?)` \| .* \| (\w+) \|$", document)
    assert {name for _, name in operators} == set(NAMES)
    for written, name in operators:
        assert [(each.name, each.written) for each in parse(written).operators] == [(name, written)]
    plain = document.split("| why it is plain words |")[1].split("\n\n")[0]
    examples = re.findall(r"`(.*?)`", plain)
    assert len(examples) > 10
    for written in examples:
        assert parse(written).operators == (), written
    grammar = re.search(r"(?s)(    question = .*?)    name     = (.*?)\n\n", document)
    assert grammar is not None
    assert grammar[1] in f"{syntax.__doc__}"
    names = {sign.removesuffix(":") for sign in syntax.SIGNS if sign.endswith(":")}
    assert set(re.findall(r'"(\w+)"', grammar[2])) == names
    assert f"At most {MAX_OPERATORS} operators" in document


CHARACTERS = [*'"- aÉ5?,.:', "'", "\x00", "\n", "\u200b", "\ud800"]
WORDS = ["source:", "Author:", "title:", "LANG:", "after:", "before:", "en", "2024-02", "site:"]
PIECES = st.sampled_from([*CHARACTERS, *WORDS])
TEXTS = st.one_of(
    st.text(st.characters(), max_size=1000),
    st.lists(PIECES, max_size=60).map("".join),
)


@given(TEXTS)
@example('" "a" b"')
@example('source:"a "b" c"')
@example('"a"-b')
def test_any_text(text: str) -> None:
    parsed = parse(text)
    assert parsed.words == one_line(parsed.words)
    parsed.words.encode()
    end = 0
    for each in parsed.operators:
        assert end <= each.start < each.end <= len(text)
        assert each.written == text[each.start : each.end]
        assert each.start == 0 or one_line(text[each.start - 1]) == ""
        assert isinstance(each.value, date) == (each.name in ("from", "to"))
        if isinstance(each.value, str):
            assert each.value == one_line(each.value) != ""
        end = each.end
    if not parsed.operators:
        assert parsed.words == one_line(text)


@given(TEXTS)
@example('" "a" b"')
@example('source:"a "b" c"')
@example('"a"-b')
@example('x "a"? -b')
def test_taking_one_out_leaves_the_others(text: str) -> None:
    operators = parse(text).operators
    if len(operators) == MAX_OPERATORS:
        return  # one more may be read
    for at, each in enumerate(operators):
        left = without(text, each)
        assert _said(parse(left).operators) == _said(operators[:at] + operators[at + 1 :])


def _said(operators: tuple[Operator, ...]) -> list[tuple[str, str | date, str]]:
    return [(each.name, each.value, each.written) for each in operators]


@pytest.mark.parametrize(
    "piece", ['"', '" ', '-"', ' -"a', "source:", 'source:"', "-a.", "-a-", "a,", "\x00", "-", " "]
)
def test_long_texts_are_read_at_once(piece: str) -> None:
    # Anything worse than linear would take hours.
    parsed = parse(piece * (1_000_000 // len(piece)) + "a")
    assert len(parsed.operators) <= MAX_OPERATORS
