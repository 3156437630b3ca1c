"""Questions in scripts without spaces, and in those that write a word in several ways."""

import pytest

from indexer.pipeline import reindex
from search.engine import Searcher
from search.question.query import Query
from tests.conftest import open_index, write_tree
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder

ARTICLES = {
    "zh": ("渡轮停运", "山谷镇的渡轮在星期二清晨停运。镇长李明说，码头的木桩已经腐烂！"),
    "zh2": ("港口罢工", "港口工人的罢工结束了。新的GPT模型帮助他们安排货船。"),
    "ja": ("夜行船が再開", "港町の夜行船が昨年11月に再開した。東京都の調査では乗客は増えた。"),
    "ko": ("서울시장 지하철", "서울시장은 지하철 요금을 올리겠다고 밝혔다. 시민들은 반대했다."),
    "th": ("ราคาอาหาร", "ราคาข้าวในกรุงเทพเพิ่มขึ้นร้อยละห้า"),
    "th2": ("ฝนตก", "ข่าววันนี้ฝนตกในเชียงใหม่"),
    "ru": ("Ёлка на площади", "Ёлку зажгли в среду. Сельскохозяйственная ярмарка открылась."),
    "ar": ("خبر", "وَصَلَتْ السَّفِينَةُ إلى الميناء. قال أحمد إن الشحنة سليمة."),
    "hi": ("समाचार", "दिल्ली में पुल मरम्मत के लिए बन्द रहेगा।"),
    "en": ("Quay", "Ｆｅｒｒｙ owners on the quay resumed; the café reopened."),
}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Searcher:
    folder = tmp_path_factory.mktemp("scripts")
    lines = [record(identity, title, [text]) for identity, (title, text) in ARTICLES.items()]
    files = write_tree(folder / "files", {"all.jsonl": "\n".join(lines).encode()})
    reindex([files], folder / "index", embedder, None)
    return open_index(folder / "index", embedder)


def found(searcher: Searcher, question: str) -> set[str]:
    query = Query(text=question, mode="lexical", limit=50, floor=0, reader="off")
    return {hit.article.id for hit in searcher.search(query).hits}


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("码头", {"zh"}),
        ("渡轮 木桩", {"zh"}),
        ("東京", {"ja"}),
        ("GPT", {"zh2"}),
        ("서울 요금", {"ko"}),
        ("กรุงเทพ", {"th"}),
        ("ข่าว", {"th2"}),
        ("елка", {"ru"}),
        ("ЁЛКУ", {"ru"}),
        ("сельскохозяйственная", {"ru"}),
        ("السفينة", {"ar"}),
        ("احمد", {"ar"}),
        ("الشحنه", {"ar"}),
        ("दिल्ली", {"hi"}),
        ("ferry", {"en"}),
        ("ＱＵＡＹ", {"en"}),
        ("cafe\u0301", {"en"}),
        ("title:夜行船", {"ja"}),
    ],
)
def test_words_are_found(scripts: Searcher, question: str, articles: set[str]) -> None:
    assert found(scripts, question) == articles


@pytest.mark.parametrize(
    ("phrase", "article"),
    [
        ("的渡轮在星期二", "zh"),
        ("GPT模型", "zh2"),
        ("GPT 模型", "zh2"),
        ("11月", "ja"),
        ("年11月に再開", "ja"),
        ("지하철 요금", "ko"),
        ("ในกรุงเทพ", "th"),
        ("وصلت السفينة", "ar"),
    ],
)
def test_a_phrase_is_the_exact_run(scripts: Searcher, phrase: str, article: str) -> None:
    results = scripts.search(Query(text=f'"{phrase}"', mode="lexical", reader="off"))
    assert ([hit.article.id for hit in results.hits], results.relaxed) == ([article], ())


@pytest.mark.parametrize("phrase", ["渡轮停在", "模型GPT", "요금 지하철", "12月"])
def test_what_is_no_run_is_no_phrase(scripts: Searcher, phrase: str) -> None:
    assert scripts.search(Query(text=f'"{phrase}"', reader="off")).relaxed == (phrase,)


@pytest.mark.parametrize(
    ("word", "articles"),
    [("渡轮", {"zh"}), ("夜行船", {"ja"}), ("서울", {"ko"}), ("ข้าว", {"th"}), ("ёлку", {"ru"})],
)
def test_articles_with_a_word_are_excluded(
    scripts: Searcher, word: str, articles: set[str]
) -> None:
    assert found(scripts, f"-{word}") == set(ARTICLES) - articles


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("星期二的码头在哪里？", ["星期二", "码头"]),
        ("東京で何がありましたか", ["東京"]),
        ("서울 요금", ["서울", "요금"]),
        ("السفينة", ["السَّفِينَةُ"]),
        ("елку", ["Ёлку"]),
        ("दिल्ली का पुल", ["दिल्ली", "पुल"]),
        ("ferry", ["Ｆｅｒｒｙ"]),
    ],
)
def test_words_are_marked(scripts: Searcher, question: str, marked: list[str]) -> None:
    query = Query(text=question, mode="lexical", limit=1, explain=True, reader="off")
    (hit,) = scripts.search(query).hits
    assert [each.of(hit.article.text) for each in hit.matches] == marked


@pytest.mark.parametrize(
    ("typed", "headline"),
    [
        ("停运", "渡轮停运"),
        ("渡", "渡轮停运"),
        ("夜行船", "夜行船が再開"),
        ("지하", "서울시장 지하철"),
        ("อาหาร", "ราคาอาหาร"),
        ("елка на", "Ёлка на площади"),
    ],
)
def test_headlines_are_suggested(scripts: Searcher, typed: str, headline: str) -> None:
    assert [each.text for each in scripts.suggest(typed, 5)] == [headline]


def test_pairs_are_not_corrected(scripts: Searcher) -> None:
    for question in ("渡轮停远码头工", "서울시정은올리겠", "กรุงเทปเพิ่ม", "दिल्लि मरम्मद"):
        assert scripts.search(Query(text=question, reader="off")).corrections == ()
    mixed = scripts.search(Query(text="resumde的渡轮", reader="off")).corrections
    assert [(each.written, each.read) for each in mixed] == [("resumde", "resumed")]
