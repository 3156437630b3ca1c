"""A LangChain retriever over a searcher in the same process; needs the extra `langchain`.

Nothing else imports this module, so that a search never loads LangChain.
"""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from search.engine import Searcher
from search.question.query import Query, StoryOptions
from search.results import Hit


# mypy does not see that LangChain's own fields are then frozen as well.
class ArticleSearchRetriever(BaseRetriever, StoryOptions, frozen=True):  # type: ignore[misc]
    """Finds passages as documents; the fields are those of `StoryOptions`.

    `page_content` is the passage. `metadata` holds `id`, `title`, `source`, `url`, `published` (ISO
    8601) of the article, None where unknown; `answer`, the sentence that answers best, and `page`,
    that of a PDF on which it begins; `start` and `end`, where the passage lies in the article's
    text (code points); and `score`.

    A field that is outside of its limits raises QueryError at once, a question when it is asked.
    """

    searcher: Searcher

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        options = {name: getattr(self, name) for name in StoryOptions.model_fields}
        asked = Query(text=query, **options)
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
            "page": hit.page,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "score": hit.score,
        },
    )
