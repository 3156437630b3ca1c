"""From groups of passages to hits: the passage to show, the sentence that answers, the story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.article import Span
from indexer.storage.rows import StoredArticle, StoryOutline
from search.answering.answer import Answerer
from search.index import Index
from search.question.query import Query
from search.ranking.candidates import Pool
from search.ranking.collapse import Groups
from search.ranking.late import Question
from search.ranking.timing import Clock
from search.results import Hit, HitStory
from search.showing.explanation import explain_score
from search.showing.marks import Matcher

# Passages of an article among which the sentence that answers best is looked for, and its passage
# shown: it holds the answer more often than the best-ranked one (.82 to .79 on news_quiz_dev).
SHOWN_FROM = 4
# Articles of a story that a hit lists.
MEMBERS_OF_A_HIT = 20


@dataclass(frozen=True, slots=True)
class HitMaker:
    """Makes the hits of a page from the groups of a pool."""

    index: Index
    answerer: Answerer

    def hits(
        self,
        query: Query,
        question: Question,
        pool: Pool,
        groups: Groups,
        page: Sequence[int],
        reads: bool,
        clock: Clock,
    ) -> list[Hit]:
        """The hits of some groups, by their places; if `reads`, the first of all is read."""
        with clock.stage("fetch"):
            numbers = pool.columns.article[groups.leaders[list(page)]].tolist()
            found = self.index.articles(numbers)
            stories = self._stories(query, found.values())
        with clock.stage("answer"):
            choices = [groups.choice(group, SHOWN_FROM) for group in page]
            owners = [found[number] for number in numbers]
            answers = self.answerer.answers(question, choices, owners)
        if reads and page and page[0] == 0:
            with clock.stage("read"):
                answers[0] = self.answerer.read(question, owners[0], choices[0]) or answers[0]
        runs = [
            groups.run(answer.passage.number, choice)
            for answer, choice in zip(answers, choices, strict=True)
        ]
        # Most hits show the one passage that is known already.
        wide = [end for first, last in runs if first != last for end in (first, last)]
        spans = {each.number: each.passage.span for each in self.index.passages(wide)}
        spans |= {each.passage.number: each.passage.passage.span for each in answers}
        matcher = Matcher.of(" ".join([question.text, *question.also])) if query.explain else None
        hits = []
        for group, answer, (first, last) in zip(page, answers, runs, strict=True):
            passage = answer.passage
            stored = found[passage.article]
            shown = Span(spans[first].start, spans[last].end)
            leader = int(groups.leaders[group])
            hits.append(
                Hit(
                    rank=group + 1,
                    score=float(pool.scores[leader]),
                    article=stored.article,
                    passage_number=passage.number,
                    merged=range(first, last + 1),
                    passage=shown,
                    answer=answer.sentence,
                    context=answer.context,
                    verdict=answer.verdict,
                    log_odds=answer.log_odds,
                    matches=tuple(matcher.spans(stored.article.text, shown)) if matcher else (),
                    story=_story_of(stored, stories) if stories else None,
                    explanation=explain_score(pool, leader) if query.explain else None,
                )
            )
        return hits

    def _stories(self, query: Query, articles: Iterable[StoredArticle]) -> dict[int, StoryOutline]:
        if query.group != "story":
            return {}
        return self.index.outlines({each.story for each in articles}, MEMBERS_OF_A_HIT)


def _story_of(article: StoredArticle, stories: dict[int, StoryOutline]) -> HitStory:
    outline = stories[article.story]
    outlets = {each.source: None for each in outline.members if each.source}
    outlets.pop(article.article.source or "", None)
    return HitStory(outline.members[0].id, outline.articles, tuple(outlets), tuple(outline.members))
