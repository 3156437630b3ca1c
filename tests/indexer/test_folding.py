"""Text without case and accents."""

import pytest

from indexer.folding import folded


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Erdog\u0306an ERDOĞAN", "erdogan erdogan"),
        ("Æsir, œuvre, Þór, Đoković", "aesir, oeuvre, thor, dokovic"),
        ("Straße ﬁn", "strasse fin"),
        ("Зеленский 東京", "зеленскии 東京"),
        ("", ""),
    ],
)
def test_folded(text: str, plain: str) -> None:
    assert folded(text) == folded(folded(text)) == plain
