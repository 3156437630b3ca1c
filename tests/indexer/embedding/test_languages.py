"""Which languages a model card names."""

from pathlib import Path

import pytest

from indexer.embedding.languages import languages_of
from indexer.embedding.model import find_model
from indexer.settings import DEFAULT_MODEL


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlanguage: en\nlicense: mit\n---\n# A model\n", ["en"]),
        ("---\nlanguage: [en, zh-CN, pt_BR]\n---\n", ["en", "pt", "zh"]),
        ("---\r\nlanguage:\r\n- multilingual\r\n- no\r\n  - ceb\r\n---\r\n", ["ceb", "no"]),
        ("---\nlanguage: multilingual\n---\n", None),
        ("---\nlicense: mit\n---\nlanguage: en\n", None),
        ("# A model\n", None),
        ("---\ntags:\n- xx\nlanguage:\n- en\n- de\ndatasets:\n- yy\n---\n", ["de", "en"]),
        ("---\n- en\n---\n", None),
        ("---\nlanguage:\n---\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_languages_of_a_card(tmp_path: Path, card: str, expected: list[str] | None) -> None:
    (tmp_path / "README.md").write_text(card, encoding="utf-8", newline="")
    found = languages_of(tmp_path)
    assert (sorted(found) if found else None) == expected


def test_a_model_without_a_card(tmp_path: Path) -> None:
    assert languages_of(tmp_path) is None
    (tmp_path / "README.md").write_bytes(b"---\nlanguage: \xff\n---\n")
    assert languages_of(tmp_path) is None


def test_the_default_model_is_for_english() -> None:
    assert languages_of(find_model(DEFAULT_MODEL).path) == frozenset({"en"})
