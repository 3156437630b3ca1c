"""A headline made of the first sentence."""

import pytest

from indexer.reading.facts.made_headline import made_headline


@pytest.mark.parametrize(
    ("paragraph", "made"),
    [
        ("The ferry is back. It left at dawn.", "The ferry is back."),
        ("Aldvik, Mar 12 (NTB): The ferry is back, they said.", "The ferry is back, they said."),
        ("ALDVIK (Nordpress) - The ferry is back.", "The ferry is back."),
        ("date 2024-03-12 (NORDPRESS) The ferry is back.", "The ferry is back."),
        ("2024-03-12 07:15:00 The ferry is back.", "The ferry is back."),
        ("“The ferry is back.” That is all she said.", "“The ferry is back.”"),
        ("渡し船が戻ってきた。乗客は喜んだ。", "渡し船が戻ってきた。"),
        ("word " * 100, "word " * 23 + "word…"),
        ("x" * 500, "x" * 119 + "…"),
        ("", ""),
        (
            "The ferry between Aldvik and Skarholm sailed again on Monday, five months after its "
            "engine failed in the middle of the sound.",
            "The ferry between Aldvik and Skarholm sailed again on Monday, five months after its "
            "engine failed in the middle of the…",
        ),
    ],
)
def test_made_headlines(paragraph: str, made: str) -> None:
    assert made_headline(paragraph) == made
