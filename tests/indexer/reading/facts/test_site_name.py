"""The site's name in a headline."""

import pytest

from indexer.reading.facts.site_name import site_key, site_keys, without_site

TITLE = "Fish auction closes after 150 years"


@pytest.mark.parametrize(
    ("title", "names", "host"),
    [
        (f"{TITLE} - Skerry Post", ["Skerry Post"], ""),
        (f"{TITLE} | The Skerry Post", ["Skerry Post"], ""),
        (f"{TITLE} :: Skerry Post", ["The Skerry Post"], ""),
        (f"Skerry Post » {TITLE}", ["Skerry Post"], ""),
        (f"Skerry Post: {TITLE}", ["Skerry Post"], ""),
        (f"{TITLE} - Skerry Post", [None], "skerrypost.example"),
        (f"{TITLE} - Skerry Post", [], "news.skerry-post.co.example"),
        (f"{TITLE} | BBC News", [], "bbc.co.uk"),
        (f"{TITLE} - skerrypost.example", [], "skerrypost.example"),
        (f"{TITLE} | Skerry Post | Skerry Post", ["Skerry Post"], ""),
        (TITLE, ["Skerry Post"], "skerrypost.example"),
    ],
)
def test_the_name_is_cut_off(title: str, names: list[str | None], host: str) -> None:
    assert without_site(title, site_keys(names, host)) == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "Skerry - an island of goats",
        "Post - the end of the letter",
        "Skerry Post",
        "A | B",
        "- | -",
    ],
)
def test_what_is_not_the_name_stays(title: str) -> None:
    assert without_site(title, site_keys(["Skerry Post"], "skerrypost.example")) == title


def test_a_section_is_cut_off_behind_and_not_before() -> None:
    sections = {site_key("Fact Check")}
    assert without_site(f"{TITLE} - Fact Check", set(), (), sections) == TITLE
    assert without_site(f"Fact Check: {TITLE}", set(), (), sections) == f"Fact Check: {TITLE}"
