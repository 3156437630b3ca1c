"""Names by their capital letters, on sentences whose names are known."""

import pytest

from indexer.reading.facts.names import names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Today the mayor met Ruth Alder, of Port Ellis.", {"Ruth Alder", "Port Ellis"}),
        ("We asked Ruth Alder.", {"Ruth Alder"}),
        ("The Harbour Board met. But Monday came. Read More.", set()),
        ("“The Harbour Board met,” said Ruth Alder’s aide.", {"Ruth Alder"}),
        ("It was Echo’s idea, and Tide's.", {"Echo", "Tide"}),
        ("On the day, President Ruth Alder and Gov. Max Poe spoke.", {"Ruth Alder"}),
        ("They met Norland President Ruth Alder there.", {"Ruth Alder"}),
        ("They met Prime Minister Ruth Alder there.", {"Ruth Alder"}),
        ("They wrote to Gov. Max Poe.", {"Max Poe"}),
        ("They saw the president, President.", set()),
        ("It closed on Monday, in March 2020 and again in Sept. 2021.", set()),
        ("The law of the American and British settlers.", set()),
        ("The film by the American Film Board.", {"American Film Board"}),
        ("I think I saw X, and I’m sure.", set()),
        (
            "She works for the U.S. Weather Office of the North.",
            {"U.S. Weather Office of the North"},
        ),
        ("a plan by the Food and Drug Office of Norland", {"Food"}),
        ("at the Centre for Tides, in St. Ives", {"Centre for Tides", "St. Ives"}),
        ("the port of Al-Mina, by Zoë O’Brien and AT&T", {"Al-Mina", "Zoë O’Brien"}),
        ("the singer Ludwig van der Berg sang", {"Ludwig van der Berg"}),
        ("read One Two Three Four Five now", set()),
        ("read One Two Three Four now", {"One Two Three Four"}),
        ("first line\nThe Harbour Board met", set()),
        ("\nRead More", set()),
        ("в городе Остров, а Ева ждала", {"Остров", "Ева"}),
        ("heute in Überlingen", {"Überlingen"}),
        ("", set()),
    ],
)
def test_names(text: str, names: set[str]) -> None:
    assert names_in(text) == names


def test_long_runs_take_no_time() -> None:
    assert names_in("so " + "Big " * 200_000) == set()
    assert names_in("so A" + ".A" * 200_000) == set()
    assert names_in("so A" + "-a" * 200_000) == set()
