"""A LangChain retriever over a searcher in the same process; needs the extra `langchain`.

Nothing else imports this module, so that a search never loads LangChain.
"""

from datetime import date

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from search.engine import Searcher
from search.question.query import Group, Mode, Query, Sort
from search.results import Hit


class ArticleSearchRetriever(BaseRetriever):
    """Finds passages as documents; the fields are those of `Query`.

    `page_content` is the passage. `metadata` holds `id`, `title`, `source`, `url`, `published` (ISO
    8601) of the article, None where unknown; `answer`, the sentence that answers best; `start` and
    `end`, where the passage lies in the article's text (code points); and `score`.

    Asking raises QueryError if a field or the question is outside of its limits.
    """

    searcher: Searcher
    limit: int = 10
    mode: Mode = "hybrid"
    group: Group = "story"
    sort: Sort = "relevance"
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        asked = Query(
            query,
            limit=self.limit,
            mode=self.mode,
            group=self.group,
            sort=self.sort,
            sources=self.sources,
            authors=self.authors,
            languages=self.languages,
            published_from=self.published_from,
            published_to=self.published_to,
        )
        return [_document(hit) for hit in self.searcher.search(asked).hits]


def _document(hit: Hit) -> Document:
    article = hit.article
    return Document(
        page_content=hit.passage.of(article.text),
        metadata={
            "id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "published": article.published.iso if article.published else None,
            "answer": hit.answer.of(article.text),
            "start": hit.passage.start,
            "end": hit.passage.end,
            "score": hit.score,
        },
    )
