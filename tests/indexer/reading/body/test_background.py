"""Of what a source repeats, facts are told from what it says to its readers."""

import pytest

from indexer.reading.body.background import is_background

BACKGROUND = [
    "The Sandholm Bridge was opened in 1931 by Queen Ida and carries 40,000 vehicles a day.",
    "The pier fell into the sea during the storm that began on the second of March.",
    "The commission was set up after the copyright dispute between Norvik and the composers.",
    "Subscribers of the network, which Elin Dahl founded, have doubled to three million since May.",
    "The government visited the US in June and will follow the advice of Charles I of Tornby.",
    "In 2019, lawmakers contacted the firm, which covers about a third of the island’s needs.",
    "他の島々を結ぶ橋は1931年に女王によって開通し、一日に四万台の車が通行している。",
]
FURNITURE = [
    "Sign up for the newsletter of 2024, which Elin Dahl writes every Friday from Tornby.",
    "Subscribe to the paper and save 20 percent on all of the 52 issues in the year.",
    "Click on the link to see all of the 40 photographs that Ruth Holm took in Tornby.",
    "Follow Ruth Holm and all of the reporters in Tornby for the latest from the 40 islands.",
    "Ruth Holm lives in Tornby and can be reached at 555 0100 on every day of the week.",
    "Write to Ruth Holm in Tornby, at ruth@echo.example, about all that is on the island.",
    "This story was updated on 4 March after the council of Tornby had answered the mayor.",
    "Copyright 2024 Island Press of Tornby, which owns the text and all of the pictures.",
    "Ruth Holm told us about the 40 islands and the people of Tornby who live on them.",
    "We have covered the 40 islands for Tornby and all of the coast since the year 1931.",
    "BOAT RACE CENTRAL: The latest times, teams, boats, crews and more from the 40 islands.",
    "Are the 40 islands and the harbour of Tornby worth a visit in the coming winter?",
    "From the offices in Tornby, and from the wires of all of the agencies in 40 countries",
    "Since 1931 the Vale Echo has told the people of Tornby all that is new on the islands.",
    # Without a name or a number, or too short to tell anything.
    "Support the only paper that is printed on the island itself.",
    "Prices were accurate when the text was printed but may of course change over time.",
    "Reported from Tornby on 4 March.",
]


@pytest.mark.parametrize("paragraph", BACKGROUND)
def test_background(paragraph: str) -> None:
    assert is_background(paragraph, "Vale Echo")
    assert is_background(paragraph, None)


@pytest.mark.parametrize("paragraph", FURNITURE)
def test_furniture(paragraph: str) -> None:
    assert not is_background(paragraph, "Vale Echo")


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("vale-echo.example", True),
        ("www.valeecho.co.uk", True),
        ("Echo", True),
        ("Vale", True),
        ("Tide", False),
        ("—", False),
    ],
)
def test_what_names_its_own_outlet(source: str, named: bool) -> None:
    text = "The VALE ECHO was founded in 1931 at high tide by Queen Ida and her four sons."
    assert is_background(text, source) != named


def test_a_very_long_paragraph_takes_no_time() -> None:
    assert is_background("Queen Ida of Tornby " * 50_000 + "sails.", "a " * 1000)
