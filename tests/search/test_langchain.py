"""The retriever in LangChain's own hands: invoke, ainvoke, batch, and as a part of a chain."""

import socket
from datetime import date
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from indexer.errors import QueryError
from search.engine import Searcher
from search.langchain import ArticleSearchRetriever
from search.question.query import Query
from tests.conftest import ROOT
from tests.support.corpus import QUESTIONS

TRAM = "council voted to build a tram line"


@pytest.fixture(autouse=True)
def untraced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def retriever(searcher: Searcher) -> ArticleSearchRetriever:
    return ArticleSearchRetriever(searcher=searcher)


def test_documents_are_passages(searcher: Searcher, retriever: ArticleSearchRetriever) -> None:
    documents = retriever.invoke(TRAM)
    hits = searcher.search(Query(text=TRAM, group="story")).hits
    assert len(documents) == len(hits)
    for document, hit in zip(documents, hits, strict=True):
        assert document.page_content == hit.passage.of(hit.article.text)
        assert document.metadata["id"] == hit.article.id
        assert document.metadata["score"] == hit.score
    facts = documents[0].metadata
    stored = searcher.article("tram 1/a")
    assert stored is not None
    assert facts["title"] == "Council votes for a harbour tram"
    assert facts["source"] == "Kestrel Post"
    assert facts["url"] == "https://kestrel.example/tram"
    assert facts["published"] == "2024-04-22"
    assert facts["answer"].startswith("Kestrel City council voted on Monday")
    text = stored.article.text[facts["start"] : facts["end"]]
    assert text == documents[0].page_content
    assert documents[0].model_dump_json()


def test_fields_narrow_and_order(searcher: Searcher) -> None:
    def found(**fields: Any) -> list[Document]:
        return ArticleSearchRetriever(searcher=searcher, **fields).invoke("harbour")

    assert len(found(limit=2)) == 2
    assert {each.metadata["source"] for each in found(sources=("Teal Times",))} == {"Teal Times"}
    assert {each.metadata["id"] for each in found(authors=("Ruth Adeyemi",))} == {"bees"}
    assert found(languages=("fr",)) == []
    days = [each.metadata["published"] for each in found(published_from=date(2024, 5, 1))]
    assert days
    assert min(days) >= "2024-05-01"
    newest = [each.metadata["published"] or "" for each in found(sort="date")]
    assert newest == sorted(newest, reverse=True)
    for group in ("story", "article", "passage"):
        for mode in ("hybrid", "semantic", "lexical"):
            query = Query(text="harbour", group=group, mode=mode)
            wanted = [hit.article.id for hit in searcher.search(query).hits]
            assert [each.metadata["id"] for each in found(group=group, mode=mode)] == wanted


def test_what_cannot_be_asked(searcher: Searcher, retriever: ArticleSearchRetriever) -> None:
    with pytest.raises(QueryError, match="empty"):
        retriever.invoke("")
    with pytest.raises(QueryError, match="limit"):
        ArticleSearchRetriever(searcher=searcher, limit=0).invoke("harbour")


def test_the_documents_name_every_field(retriever: ArticleSearchRetriever) -> None:
    text = (ROOT / "docs" / "integrations.md").read_text("utf-8")
    own = set(ArticleSearchRetriever.model_fields) - set(BaseRetriever.model_fields)
    for name in own | set(retriever.invoke(TRAM)[0].metadata):
        assert f"`{name}`" in text


def test_batch(retriever: ArticleSearchRetriever) -> None:
    assert retriever.batch(list(QUESTIONS)) == [retriever.invoke(each) for each in QUESTIONS]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_async(retriever: ArticleSearchRetriever) -> None:
    alone = [retriever.invoke(question) for question in QUESTIONS]
    assert await retriever.ainvoke(QUESTIONS[0]) == alone[0]
    assert await retriever.abatch(list(QUESTIONS)) == alone


def test_in_a_chain(retriever: ArticleSearchRetriever) -> None:
    prompts: list[str] = []

    def remembered(prompt: Any) -> Any:
        prompts.append(prompt.to_string())
        return prompt

    def quoted(documents: list[Document]) -> str:
        return "\n\n".join(document.page_content for document in documents)

    chain = (
        {"context": retriever | RunnableLambda(quoted), "question": RunnablePassthrough()}
        | ChatPromptTemplate.from_template("Answer from this:\n{context}\n\nQuestion: {question}")
        | RunnableLambda(remembered)
        | FakeListChatModel(responses=["340 million crowns"])
        | StrOutputParser()
    )
    assert chain.invoke("what will the tram line cost") == "340 million crowns"
    assert "The line will cost 340 million crowns" in prompts[0]
    assert prompts[0].endswith("Question: what will the tram line cost")


def test_nothing_is_sent_to_anybody(
    retriever: ArticleSearchRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was sent")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert (retriever | RunnableLambda(len)).invoke(TRAM) > 0
