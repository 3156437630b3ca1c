"""The sentence that answers."""

from pathlib import Path

import numpy as np

from search.answering.answer import SAME_ACT, match_reporting_verbs, reporting_verbs
from search.answering.verbs import group_of
from search.engine import Searcher
from search.question.query import Query
from tests.conftest import Build, open_index
from tests.support.fakes import FakeEmbedder


def test_the_answer_is_the_sentence_asked_for(searcher: Searcher) -> None:
    expected = {
        "Professor Lena Okoro gives the first queens to forty beekeepers": "The first queens",
        "Shopkeepers on Anchor Street fear roadworks": "Shopkeepers on Anchor Street",
        "a buoy drifted half a mile in the storm, said captain Dora Quill": "The captain, Dora",
        "Mayor Pia Lund promised the lanterns would return": "Mayor Pia Lund",
    }
    for question, beginning in expected.items():
        hit = searcher.search(Query(text=question)).hits[0]
        assert hit.answer.of(hit.article.text).startswith(beginning)


def test_best_sentence_of_an_article_is_found_in_any_passage(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    filler = "The quiet harbour waited for the winter and the winter came. "
    answer = (
        " ".join(
            ["Professor Zoltan Quibble invented the purple umbrella machine"]
            + [f"beside gadget number {number} of his workshop" for number in range(12)]
        )
        + "."
    )
    text = "\n\n".join([filler * 8, answer, filler * 8])
    build({"a.txt": text.encode()})
    searcher = open_index(index, embedder)
    passages = searcher.passages_of(0)
    assert any(len(passage.passage.sentences) == 1 for passage in passages)
    found = searcher.best_sentence("Zoltan Quibble purple umbrella machine inventor", 0)
    assert found is not None
    stored = searcher.article(searcher.search(Query(text="umbrella")).hits[0].article.id)
    assert stored is not None
    assert "Quibble" in found[1].of(stored.article.text)


def test_the_reporting_verbs_of_a_question(embedder: FakeEmbedder) -> None:
    question = "What did Kim promise, and who denied it?"
    vectors = embedder.embed_query(question)
    found = reporting_verbs(question, vectors)
    said = []
    for tokens, pattern in found:
        start, end = vectors.offsets[tokens].min(), vectors.offsets[tokens].max()
        said.append((question[start:end], pattern.search("he vowed") is not None))
    assert said == [("promise", True), ("denied", False)]


def test_the_same_act_matches_nearly_as_the_same_word() -> None:
    promise = group_of("promise")
    assert promise is not None
    matches = np.array([[0.1, 0.2, 0.95], [0.3, 0.4, 0.5]], np.float32)
    asked = np.array([True, False])
    sentences = ["Kim vowed to go.", "Kim went.", "Kim promised to go."]
    found = match_reporting_verbs(matches, [(asked, promise)], sentences)
    # Raised in the first sentence, not in the second, and never lowered.
    np.testing.assert_allclose(found, [[SAME_ACT, 0.2, 0.95], [0.3, 0.4, 0.5]])
    assert match_reporting_verbs(matches, [], sentences) is matches
