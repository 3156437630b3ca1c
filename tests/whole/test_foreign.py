"""Articles in a language that the model was not trained for are indexed, marked and told of."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.pipeline import Options, reindex
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from tests.conftest import WriteFiles
from tests.support.corpus import CORPUS, record
from tests.support.fakes import FakeEmbedder
from tests.support.languages import NEWS

ABROAD = {f"{code}.json": record(code, code, [NEWS[code]]).encode() for code in ("de", "ko", "fr")}


def _embedder(folder: Path, card: str) -> FakeEmbedder:
    """A fake model with a model card."""
    (folder / "README.md").write_text(card)
    embedder = FakeEmbedder()
    embedder.model = replace(embedder.model, path=folder)
    return embedder


@pytest.mark.parametrize(
    ("card", "warning"),
    [
        (
            "---\nlanguage: en\n---\n",
            "3 of 11 articles (27.3%) are in a language that fake was not",
        ),
        ("---\nlanguage: [en, de, ko]\n---\n", "1 of 11 articles (9.1%)"),
        ("---\nlanguage: [en, de, ko, fr]\n---\n", None),
        ("no card", None),
    ],
)
def test_a_warning_names_the_share(
    write_files: WriteFiles,
    index: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    card: str,
    warning: str | None,
) -> None:
    caplog.set_level(logging.WARNING)
    reindex(
        [write_files({**CORPUS, **ABROAD})],
        index,
        _embedder(tmp_path, card),
        None,
        options=Options(),
    )
    assert len(caplog.messages) == (warning is not None)
    if warning:
        assert warning in caplog.messages[0]
        assert "ARTICLE_SEARCH_MODEL" in caplog.messages[0]
    articles = Articles(IndexFolder(index).open_current())
    assert articles.counted("language") == [("en", 8), ("de", 1), ("fr", 1), ("ko", 1)]
    korean = articles.by_id("ko")
    assert korean
    assert korean.article.language == "ko"
