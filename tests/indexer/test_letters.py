"""Letters in one form, and runs without spaces cut into pairs, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import stems
from indexer.letters import OTHER_WORD, PAIRED_RUN, spaced, words_of


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        ("ёлка Ёлка", "елка Елка"),
        ("за́мок", "замок"),
        ("ЙОД йод", "йод йод"),
        ("مُحَمَّد", "محمد"),
        ("المـــدرسة", "المدرسه"),
        ("أحمد إلى آخر", "احمد الى اخر"),
        ("کتاب یک", "كتاب يك"),
        ("\ufee3\ufea4\ufee4\ufeaa", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ΑΘΗΝΑΣ Ἀθῆναι", "Αθήνας αθηναι"),
        ("re\u0301sume\u0301 sen\u0303or", "résumé señor"),
        ("İstanbul", "Istanbul"),
        ("Ｆｅｒｒｙ ２０２４", "Ferry 2024"),
        ("Ｃ＋＋", "C++"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("か\u3099", "が"),
        ("葛\U000e0100城", "葛城"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("น\u0e4d\u0e32", "นำ"),
    ],
)
def test_a_word_is_one_whichever_way_it_is_written(written: str, otherwise: str) -> None:
    assert stems(written) == stems(otherwise) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("мой", "мои"),
        ("ข่าว", "ข้าว"),
        ("कल", "काल"),
        ("が", "か"),
        ("ハハ", "パパ"),
        ("京都", "東京"),
    ],
)
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert set(stems(one)).isdisjoint(stems(other))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("港町祭", "港町 町祭"),
        ("港", "港"),
        ("港町。祭り", "港町 祭り"),
        ("港町の GPT 祭", "港町 町の の GPT 祭"),
        ("港町のGPT祭", "港町 町の の GPT 祭"),
        ("昨年11月に", "昨年 年 11 月 月に"),
        ("人々〇一", "人々 々〇 〇一"),
        ("서울시장은 밝혔다", "서울 울시 시장 장은 밝혔 혔다"),
    ],
)
def test_runs_are_cut_into_pairs(text: str, words: str) -> None:
    assert spaced(text).replace("。", "").split() == words.split()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ข่าวเที่ยง", ["ข่าว", "วเที่", "เที่ย", "ยง"]),
        ("ผู้ว่าราช", ["ผู้ว่า", "ว่ารา", "ราช"]),
        ("ສະບາຍ", ["ສະບາ", "ບາຍ"]),
        ("ភាសាខ្មែរ", ["ភាសា", "សាខ្មែ", "ខ្មែរ"]),
        ("မြန်မာ", ["မြန်", "န်မာ"]),
    ],
)
def test_marks_and_vowels_belong_to_their_letter(text: str, pairs: list[str]) -> None:
    run = PAIRED_RUN.fullmatch(text)
    assert run is not None
    assert [text[start:end] for start, end in words_of(run)] == pairs
    assert len(stems(text)) == len(pairs)


@pytest.mark.parametrize("word", ["हिन्दी", "বাংলাদেশ", "தமிழ்", "සිංහල", "ኢትዮጵያ"])
def test_words_with_marks_are_whole(word: str) -> None:
    assert len(stems(word)) == 1


def test_long_words_of_letters_that_take_several_bytes_are_found() -> None:
    assert stems("сельскохозяйственного") == stems("сельскохозяйственному") != []
    assert len(stems("अंतरराष्ट्रीयकरण")) == 1


PLAIN = "The café’s “U.S.” ferry — 200m… naïve Łódź, ½ £5 €3 🦉❤️ 1️⃣ x² straße"


def test_what_is_latin_and_composed_is_left_as_it_is() -> None:
    assert spaced(PLAIN) is PLAIN


RUNS = st.lists(st.sampled_from("港町祭のガ月年々서울กนข"), min_size=1, max_size=6)
WORDS = st.sampled_from(["GPT", "11", " ferry ", " 2024", "5 "]).map(lambda word: [word])


@given(st.lists(st.tuples(WORDS, RUNS), max_size=4), st.data())
def test_a_part_of_a_run_is_a_phrase_of_it(
    runs: list[tuple[list[str], list[str]]], data: st.DataObject
) -> None:
    parts = [part for word, run in runs for part in (*word, *run)]
    whole = stems("".join(parts))
    start = data.draw(st.integers(0, len(parts)))
    end = data.draw(st.integers(start, len(parts)))
    asked = stems("".join(parts[start:end]))
    # A letter alone is a word only beside another script's.
    if end - start > 1:
        assert any(whole[at : at + len(asked)] == asked for at in range(len(whole)))


def test_words_do_not_begin_with_letters_of_pairs() -> None:
    assert OTHER_WORD.findall("買iPhoneのresume\u0301 हिन्दी") == [
        "iPhone",
        "resume\u0301",
        "हिन्दी",
    ]
