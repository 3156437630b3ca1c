"""Author, outlet and agency, apart."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.facts.byline import Byline, byline, site_folder

TEXT = "The ferry to Lowick ran aground in the mouth of the harbour."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Ada Quill", Byline("Ada Quill")),
        ("BY ADA QUILL", Byline("ADA QUILL")),
        ("ByAda Quill Dec 9, 2016", Byline("Ada Quill")),
        ("by Ada Quill@adaquill Dec 10, 2016, 10:20am EST", Byline("Ada Quill")),
        ("Nov 30, 2024 at 6:08 PM ET by Ada Quill", Byline("Ada Quill")),
        ("By Ada Quill and Ben van der Meer", Byline("Ada Quill, Ben van der Meer")),
        ("Written by Ada Quill in Harbours on 1 June 2019. 51 Comments", Byline("Ada Quill")),
        ("By Ada Quill Staff Writer", Byline("Ada Quill")),
        ("By Ada Quill | November 30, 2024", Byline("Ada Quill")),
        ("Ada Quill - Nov 30, 2024 11:15 am UTC", Byline("Ada Quill")),
        ("By Ada Quill, Reuters", Byline("Ada Quill", "Reuters", "Reuters")),
        ("By The Associated Press", Byline(None, "The Associated Press", "The Associated Press")),
        ("By Lowick Today | Created at 2024-11-01 13:40:15", Byline(None, "Lowick Today")),
        ("By Ada Quill, Lowick Times", Byline("Ada Quill", "Lowick Times")),
        ("Ada Quill · Lowick News · Posted: Oct 14, 2022", Byline("Ada Quill", "Lowick News")),
        ("By Lowick News Desk", Byline()),
        ("By the sea, nothing is lost", Byline()),
        ("A ferry powered by Lowick Wind", Byline()),
        ("Nov 30, 2024", Byline()),
        ("", Byline()),
    ],
)
def test_a_line_above_the_body(line: str, expected: Byline) -> None:
    assert byline([line], TEXT, [], "a.txt") == expected


def test_the_byline_nearest_to_the_body() -> None:
    assert byline(["By Ben Ash", "By Ada Quill"], TEXT, [], "a.txt").author == "Ada Quill"


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        (f"LOWICK (Reuters) - {TEXT}", "Reuters"),
        (f"LOWICK, Nov. 30 (Tidewire) -- {TEXT}", "Tidewire"),
        (f"Lowick, Nov 30 (IANS): {TEXT}", "IANS"),
        (f"LOWICK, November 1. /TASS/. {TEXT}", "TASS"),
        (f"(TIDEWIRE) {TEXT}", "TIDEWIRE"),
        (f"Lowick (dpa) - {TEXT}", "dpa"),
        (f"Ada Quill (left) - {TEXT}", None),
        (f"The ferry, which is old (Built in 1921) - {TEXT}", None),
        (TEXT, None),
        ("", None),
    ],
)
def test_the_agency_of_a_dateline(text: str, agency: str | None) -> None:
    assert byline([], text, [], "a.txt") == Byline(None, agency, agency)


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("© 2024 Lowick Times. All rights reserved.", "Lowick Times"),
        ("Copyright © 2004 - 2022 by Lowick Media.", "Lowick Media"),
        ("Copyright 2016 Lowick Media, Inc.", "Lowick Media"),
        ("Home | (c) 2019 Lowick Times Ltd", "Lowick Times"),
        ("If you have any copyright issues related to this article, write.", None),
        ("Copyright Policy", None),
        ("© 2024 All rights reserved", None),
        ("©", None),
    ],
)
def test_the_copyright_line(line: str, source: str | None) -> None:
    assert byline([], TEXT, [line], "a.txt") == Byline(None, source)


def test_the_outlet_before_the_agency() -> None:
    found = byline(["By Ada Quill"], f"(TIDEWIRE) {TEXT}", ["© 2024 Lowick Times"], "a.txt")
    assert found == Byline("Ada Quill", "Lowick Times", "TIDEWIRE")
    found = byline([], f"(TIDEWIRE) {TEXT}", [], "crawl/www.lowick.example/a.txt")
    assert found == Byline(None, "lowick.example", "TIDEWIRE")


@pytest.mark.parametrize(
    ("location", "site"),
    [
        ("crawl/www.lowick.example/2024/a.html", "lowick.example"),
        ("crawl/2024/a.html", None),
        ("lowick.example.txt", None),
    ],
)
def test_site_folder(location: str, site: str | None) -> None:
    assert site_folder(location) == site


LINES = ["By ", "Ada Quill", " | ", "©", "Nov 30, 2024", ", ", "(", ")", "2024 ", " and ", "/"]


@given(st.lists(st.sampled_from(LINES)).map("".join) | st.text())
def test_any_line(line: str) -> None:
    byline([line], line, [line], line)


@pytest.mark.parametrize("part", ["By ", "A b ", "© ", "© 2020", "(", "a, ", "Ada Quill, "])
def test_long_lines(part: str) -> None:
    lines = [part * 300_000, *[(part * 200)[:400]] * 1_000, *[(part * 200)[:199]] * 1_000]
    byline(lines, lines[0], lines, "a.txt")


@pytest.mark.parametrize(
    ("seed", "source"),
    [("000", "Russia Today"), ("001", "MENAFN"), ("002", "MENAFN"), ("003", None), ("004", "IANS")],
)
def test_seeds(shared: Path, seed: str, source: str | None) -> None:
    [file] = (shared / "seeds").glob(f"{seed}_*.txt")
    lines = [" ".join(line.split()) for line in file.read_text("utf-8").split("\n")]
    lines = [line for line in lines if line]
    first = next(number for number, line in enumerate(lines) if len(line) > 100)
    text = "\n\n".join(lines[first:]).removeprefix("date 2024-11-04 ")
    assert byline(lines[:first], text, lines[-10:], str(file)).source == source


def test_an_archive_is_no_site() -> None:
    assert site_folder("/news/crawl.zip//a/p.html") is None
    assert site_folder("/news/echo.example/crawl-2024.tar.gz//p.html") == "echo.example"
    assert site_folder("/news/crawl.zip//echo.example/p.html") == "echo.example"
