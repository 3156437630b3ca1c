"""What a hit says beside its passage: its story."""

from search.engine import Searcher
from search.question.query import Query


def test_a_hit_names_its_story(searcher: Searcher) -> None:
    question = "who owned the Millbrook bakery"
    hit = searcher.search(Query(text=question, group="story")).hits[0]
    assert hit.story is not None
    assert hit.story.articles == 2
    earliest, copy = hit.story.members
    assert (earliest.title, earliest.degree) == ("Last loaves at the Millbrook bakery", None)
    assert (copy.id, copy.source, copy.degree) == ("copy", "Teal Times", "same")
    assert hit.story.id == earliest.id
    assert hit.story.outlets == (() if hit.article.id == "copy" else ("Teal Times",))
    assert searcher.search(Query(text=question)).hits[0].story is None
