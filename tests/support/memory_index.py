"""An index of plain lists: every answer by its definition, exact and slow: the oracle of others.

It takes articles and passages from a generation, and computes all else anew: vectors and codes by
the model, BM25 by its formula, filters article by article.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import numpy as np

import indexer.encoding
from indexer.analysis import MAX_TERMS, all_stems, pairs, plain_words, stems
from indexer.arrays import Float32, Int32, Int64, UInt8
from indexer.article import Article
from indexer.embedding.base import Embedder
from indexer.embedding.calibration import Codecs
from indexer.embedding.pooling import pool
from indexer.letters import UNCORRECTED
from indexer.reading.facts.names import names_in
from indexer.storage.articles import Articles
from indexer.storage.columns import Columns, Values
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.manifest import Generation
from indexer.storage.rows import Outline, StoredArticle, StoredPassage, StoryOutline, Suggestion
from indexer.storage.words import PAIR_WEIGHT
from tests.support.lengths import rounded

K1, B = 1.2, 0.75


class MemoryIndex:
    """Meets `Index`.

    whole: lengths count to the word, and vectors are those of the generation in half precision, as
        a table has them; else a length is one of 256, and vectors are those that the codes tell
    """

    def __init__(self, generation: Generation, embedder: Embedder, whole: bool = False) -> None:
        self.generation = generation
        codecs = _codecs(embedder)
        self.codec = codecs.tokens
        everything = list(Articles(generation).everything())
        self.stored = {stored.number: stored for stored, _ in everything}
        self.of = [each for _, passages in everything for each, _ in passages]
        self._keys = {each.number: key for _, passages in everything for each, key in passages}
        self.texts = [each.passage.span.of(self._article(each).text) for each in self.of]
        self.titles = [self._article(each).title for each in self.of]
        tokenized = embedder.tokenizer.passages(self.titles, self.texts)
        found = embedder.embed_passages(tokenized, self.codec.projection)
        # An index codes what embedded.db has kept in half precision.
        kept = found.vectors.astype(np.float16).astype(np.float32)
        self._vectors: Float32 = codecs.vectors.decode(codecs.vectors.encode(kept))
        if whole:
            self._vectors = self._vectors.astype(np.float16).astype(np.float32)
        self._rounded: Callable[[int], int] = int if whole else rounded
        self._offsets = [each.offsets for each in tokenized]
        self._codes, self._sentences = list[UInt8](), list[Int64]()
        for number, tokens in enumerate(found.tokens):
            vectors, begins = pool(tokens, np.array(list(self._first_tokens(number)), np.int64))
            self._codes.append(self.codec.encode(vectors))
            self._sentences.append(begins)
        ids = [each.ids[each.first : each.last] for each in tokenized]
        self.idf = _idf(ids, embedder.tokenizer.vocabulary_size)
        self._title_stems = [stems(title) for title in self.titles]
        self._text_stems = [stems(text) for text in self.texts]
        self._counts = [
            Counter(title + text)
            for title, text in zip(self._title_stems, self._text_stems, strict=True)
        ]
        self._pairs = [
            Counter([*pairs(title), *pairs(text)])
            for title, text in zip(self._title_stems, self._text_stems, strict=True)
        ]

    def _article(self, passage: StoredPassage) -> Article:
        return self.stored[passage.article].article

    def narrow(self, filter: Filter) -> Narrowed:
        relaxed = [p for p in filter.phrases if not any(self._has(n, p) for n in self._numbers())]
        phrases = [phrase for phrase in filter.phrases if phrase not in relaxed]
        excluded = {
            self.of[n].article
            for n in self._numbers()
            if any(self._has(n, words) for words in filter.excluded)
        }
        allowed = [
            n
            for n in self._numbers()
            if passes(self.stored[self.of[n].article], filter)
            and n not in filter.without_passages
            and self.of[n].article not in excluded
            and all(self._has(n, phrase) for phrase in phrases)
            and all(self._has_title(n, title) for title in filter.titles)
        ]
        return Narrowed(allowed, len(allowed), tuple(relaxed))

    def _numbers(self) -> range:
        return range(len(self.of))

    def _has(self, number: int, phrase: str) -> bool:
        wanted = all_stems(phrase)
        return bool(wanted) and any(
            wanted == held[at : at + len(wanted)]
            for held in (self._title_stems[number], self._text_stems[number])
            for at in range(len(held))
        )

    def _has_title(self, number: int, title: str) -> bool:
        wanted = all_stems(title)
        return bool(wanted) and set(wanted) <= set(self._title_stems[number])

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        scores = {n: float(self._vectors[n] @ vector) for n in narrowed.allowed}
        return _ranked(scores, limit)

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        terms, followed_by = (
            list(dict.fromkeys(each))[:MAX_TERMS] for each in (stems, pairs(stems))
        )
        words = _bm25(self._counts, terms, narrowed.allowed, self._rounded)
        followed = _bm25(self._pairs, followed_by, narrowed.allowed, self._rounded)
        for number, score in followed.items():
            words[number] += PAIR_WEIGHT * score
        return _ranked(words, limit)

    def newest(self, limit: int, narrowed: Narrowed) -> Int64:
        first: dict[int, int] = {}
        for n in narrowed.allowed:
            first.setdefault(self.of[n].article, n)

        def order(article: int) -> tuple[int, int]:
            day = _days(self.stored[article].article)[0]
            return (-day.toordinal() if day else 1, article)

        return np.array([first[each] for each in sorted(first, key=order)][:limit], np.int64)

    def columns(self, passages: Int64) -> Columns:
        owners = [self.stored[self.of[n].article] for n in passages.tolist()]
        days = [_days(owner.article)[0] for owner in owners]
        return Columns(
            np.array([owner.number for owner in owners], np.int64),
            np.array([owner.story for owner in owners], np.int64),
            np.array([self._place(n) for n in passages.tolist()], np.int32),
            np.array([day.toordinal() if day else -1 for day in days], np.int32),
            {
                "source": _coded([owner.article.source for owner in owners]),
                "site": _coded([site(owner.article.url) for owner in owners]),
            },
        )

    def _place(self, number: int) -> int:
        return number - self.passages_of(self.of[number].article, 1)[0].number

    def vectors(self, passages: Int64) -> Float32:
        return self._vectors[passages]

    def codes(self, passages: Sequence[int]) -> tuple[UInt8, Int64]:
        codes = [self._codes[n] for n in passages]
        lengths = [len(each) for each in codes]
        return np.concatenate(codes), np.cumsum([0, *lengths[:-1]]).astype(np.int64)

    def sentence_tokens(self, passages: Sequence[int]) -> list[Int64]:
        return [self._sentences[n] for n in passages]

    def _first_tokens(self, number: int) -> Iterator[int]:
        stored = self.of[number].passage
        begin = 0
        for sentence in stored.sentences:
            ends = self._offsets[number][:, 1].tolist()
            yield sum(end <= begin for end in ends)
            begin = sentence.end - stored.span.start

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        return [self.of[n] for n in numbers]

    def passages_of(self, article: int, limit: int) -> list[StoredPassage]:
        return [each for each in self.of if each.article == article][:limit]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        # Less the days that they mention.
        return {n: _changed(self.stored[n], mentioned=()) for n in numbers}

    def by_id(self, article_id: str) -> StoredArticle | None:
        return next((s for s in self.stored.values() if s.article.id == article_id), None)

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        members = [each for each in self.stored.values() if each.story == number]
        members.sort(key=_place_in_story)
        bare = [_changed(each, text="", removed=(), mentioned=()) for each in members]
        return bare[:limit], len(members)

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        found = {}
        for number in stories:
            members, count = self.story(number, limit)
            found[number] = StoryOutline(count, [_outline(each) for each in members])
        return found

    def sample(self, count: int) -> list[StoredPassage]:
        first = {each.article: each for each in reversed(self.of)}
        begins = [each for each in first.values() if self.stored[each.article].degree is None]
        return sorted(begins, key=lambda each: (self._keys[each.number], each.number))[:count]

    def document_frequency(self, stem: str) -> int:
        return sum(stem in counts for counts in self._counts)

    def vocabulary(self) -> tuple[list[str], Int32]:
        seen = Counter(
            word
            for stored in self.stored.values()
            for word in {*plain_words(stored.article.title), *plain_words(stored.article.text)}
            if len(word) <= 40 and not word.isdigit() and not UNCORRECTED.search(word)
        )
        return sorted(seen), np.array([seen[word] for word in sorted(seen)], np.int32)

    def _forms(self) -> Counter[str]:
        """In the texts of how many articles each word is, as it is written."""
        return Counter(
            form
            for stored in self.stored.values()
            for form in set(re.findall(r"[^\W_]+", stored.article.text))
        )

    def written(self, word: str) -> str:
        forms = [(-n, form) for form, n in self._forms().items() if plain_words(form) == [word]]
        return min(forms)[1] if forms else word

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        key = " ".join(plain_words(prefix))
        key += " " if prefix[-1:].isspace() else ""
        if not key.strip():
            return []

        def begins(text: str) -> bool:
            found = plain_words(text)
            return any(f"{' '.join(found[at:])} ".startswith(key) for at in range(len(found[:8])))

        names = [Suggestion(name, "name", None) for name in self._names()]
        return [each for each in [*names, *self._headlines()] if begins(each.text)][:limit]

    def _names(self) -> list[str]:
        """Names in two articles or more, those in most first."""
        forms = self._forms()
        by_key: dict[str, Counter[str]] = defaultdict(Counter)
        for stored in self.stored.values():
            for name in names_in(stored.article.text):
                by_key[" ".join(plain_words(name)).removeprefix("the ")][name] += 1
        ranked = []
        for key, spellings in by_key.items():
            name = min(spellings, key=lambda each: (-spellings[each], each))
            often_small = name != name.upper() and 3 * forms[name.lower()] > forms[name] > 0
            if spellings.total() >= 2 and not (often_small and forms[name.lower()]):
                ranked.append((-spellings.total(), key, name))
        return [name for *_, name in sorted(ranked)]

    def _headlines(self) -> list[Suggestion]:
        """Headlines, the newest first, each once."""
        alike: dict[str, list[Article]] = defaultdict(list)
        for stored in self.stored.values():
            key = " ".join(plain_words(stored.article.title))
            if key and not stored.article.title_made:
                alike[key].append(stored.article)
        found = []
        for key, articles in alike.items():
            articles.sort(key=lambda each: each.id)
            articles.sort(key=_published, reverse=True)
            found.append((articles[0], len(articles), key))
        found.sort(key=lambda each: each[2])
        found.sort(key=lambda each: (_published(each[0]), each[1]), reverse=True)
        return [Suggestion(each.title, "headline", each.id) for each, *_ in found]


def _codecs(embedder: Embedder) -> Codecs:
    # As the pipeline asks for it: a test may make that quicker.
    codecs: Codecs = getattr(indexer.encoding, "calibrated_codecs")(embedder)  # noqa: B009
    return codecs


def passes(stored: StoredArticle, filter: Filter) -> bool:
    """Whether an article passes the values, days and numbers of a filter."""
    article = stored.article
    first, last = _days(article)
    outlet, language = (article.source or "").casefold(), (article.language or "")
    names, host = _words(article.author or ""), site(article.url) or ""
    tests = {
        "source": lambda asked: asked.casefold() == outlet,
        "author": lambda asked: bool(_words(asked)) and _words(asked) <= names,
        "language": lambda asked: re.split("[-_]", asked.lower())[0] == language,
        "site": lambda asked: f".{host}".endswith(f".{asked.lower().removeprefix('www.')}"),
    }
    return (
        all(not asked or any(map(tests[name], asked)) for name, asked in filter.values.items())
        and (filter.first_day is None or (last is not None and last >= filter.first_day))
        and (filter.last_day is None or (first is not None and first <= filter.last_day))
        and stored.number not in filter.without_articles
        and stored.story not in filter.without_stories
    )


def site(url: str | None) -> str | None:
    """The host of an address, less a leading www."""
    host = urlsplit(url).hostname if url else None
    return host.removeprefix("www.") if host else None


def _words(name: str) -> set[str]:
    return set(plain_words(name))


def _days(article: Article) -> tuple[date | None, date | None]:
    """The first and the last day that an article may be of."""
    if article.published is None:
        return None, None
    year, month, *day = map(int, article.published.iso[:10].split("-"))
    if day:
        return date(year, month, day[0]), date(year, month, day[0])
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), date.fromordinal(following.toordinal() - 1)


def _published(article: Article) -> str:
    return article.published.iso if article.published else ""


def _place_in_story(stored: StoredArticle) -> tuple[object, ...]:
    iso = _published(stored.article)
    return stored.degree is not None, len(iso) <= len("2024-11"), iso, stored.number


def _changed(stored: StoredArticle, **fields: object) -> StoredArticle:
    return replace(stored, article=replace(stored.article, **fields))  # type: ignore[arg-type]


def _outline(stored: StoredArticle) -> Outline:
    a = stored.article
    return Outline(
        stored.number, a.id, a.title, a.source, a.agency, a.url, a.published, stored.degree
    )


def _bm25(
    counts: Sequence[Counter[str]],
    terms: Sequence[str],
    allowed: Iterable[int],
    rounded: Callable[[int], int],
) -> dict[int, float]:
    lengths = [each.total() for each in counts]
    mean = sum(lengths) / max(len(lengths), 1)
    scores: dict[int, float] = defaultdict(float)
    for term in terms:
        df, n = sum(term in each for each in counts), len(counts)
        idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
        for number in allowed:
            if count := counts[number][term]:
                norm = K1 * (1 - B + B * rounded(lengths[number]) / mean)
                scores[number] += idf * count * (K1 + 1) / (count + norm)
    return scores


def _ranked(scores: dict[int, float], limit: int) -> Candidates:
    order = sorted(scores, key=lambda number: (-np.float32(scores[number]), number))[:limit]
    return Candidates(
        np.array(order, np.int64), np.array([scores[number] for number in order], np.float32)
    )


def _coded(values: Sequence[str | None]) -> Values:
    names = sorted({value for value in values if value})
    return Values(np.array([names.index(v) if v else -1 for v in values], np.int32), names)


def _idf(ids: Sequence[Int64], vocabulary: int) -> Float32:
    df = np.zeros(vocabulary)
    for each in ids:
        df[np.unique(each)] += 1
    return np.log(1 + (len(ids) - df + 0.5) / (df + 0.5)).astype(np.float32)
