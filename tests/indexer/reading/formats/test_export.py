"""Texts of many articles, as archives export them. All of it is made up."""

import re
from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

BODY = (
    "Councillors voted nine to two on Tuesday to turn the lighthouse at Gull\nPoint into a museum.",
    "The keeper, Odd Halvorsen, said that he would miss the fog.",
)
TEXT = "\n\n".join(BODY)

NEXIS = """\
                               {n} of 200 DOCUMENTS


                                The Skerry Post

                          March {day}, 2024 {weekday}
                              Final Edition

Vote on the lighthouse {n}: a long headline that goes on in a
second line

BYLINE: By Ann Ek

SECTION: News; Pg. 3

LENGTH: 92 words

DATELINE: GULL POINT

{text}

LOAD-DATE: March 16, 2024

LANGUAGE: ENGLISH

GRAPHIC: PHOTO: The lighthouse
on Monday

PUBLICATION-TYPE: Newspaper

               Copyright 2024 Skerry Media
                  All Rights Reserved

"""
OLD_NEXIS = """\
Document {n} of 3

                     Copyright 2024 Skerry Media Limited
                            All Rights Reserved
                                The Skerry Post

                                March {day}, 2024

SECTION: News

LENGTH: 92 words

HEADLINE: Vote on the lighthouse {n}: a long headline that goes on in a
second line

BYLINE: Ann Ek

BODY:

{text}

LOAD-DATE: March 16, 2024

"""
NEXIS_UNI = """\
Page 1 of 2
Vote on the lighthouse {n}: a long headline that goes on in a second line
The Skerry Post
March {day}, 2024 {weekday} 10:00 AM GMT


Copyright 2024 Skerry Media All Rights Reserved

Section: NEWS; Version:1
Length: 92 words
Byline: Ann Ek
Highlight: A vote

Body


{text}

Graphic


The lighthouse, Ann Ek

Classification


Language: ENGLISH

Subject: LIGHTHOUSES (90%)

Load-Date: March 16, 2024


End of Document


"""
FACTIVA = """\
News
Vote on the lighthouse {n}: a long headline that goes on in a second line

Ann Ek
92 words
{day} March 2024
10:00 GMT
The Skerry Post
SKPOST
3
English
Copyright 2024 Skerry Media

{text}

Document SKPOST0020240315ek3f0000{n}

"""
FACTIVA_CODED = """\
HD
Vote on the lighthouse {n}: a long headline that goes on in a second line
BY
By Ann Ek
WC
92 words
PD
{day} March 2024
SN
The Skerry Post
SC
SKPOST
LA
English
CY
Copyright 2024 Skerry Media

LP
{text}

TD

NS
gvote : Votes
AN
Document SKPOST0020240315ek3f0000{n}

"""
PROQUEST = """\
____________________________________________________________

Document {n} of 3

Vote on the lighthouse {n}: a long headline that goes on in a second line

Author: Ann Ek

Publication info: The Skerry Post ; Gull Point [Gull Point]{day} Mar 2024: 3.

Links: none

Full text: {text}

Subject: Lighthouses;

Title: Vote on the lighthouse {n}: a long headline that goes on in a second line

Publication title: The Skerry Post

Publication date: Mar {day}, 2024

"""
FACTIVA_TABS = re.sub(r"(?m)^([A-Z]{2})\n(?=.)", r"\1\t", FACTIVA_CODED)
GERMAN = """\
Dokument {n} von 3

                                The Skerry Post

                          {day}. März 2024 Freitag

Vote on the lighthouse {n}: a long headline that goes on in a
second line

AUTOR: Von Ann Ek

RUBRIK: POLITIK; S. 3

LÄNGE: 92 Wörter

BUCHÜBERSICHT: keine

{text}

UPDATE: 16. März 2024

SPRACHE: GERMAN; DEUTSCH

ZEITUNGS-CODE: SKP

               Copyright 2024 Skerry Media
                  Alle Rechte Vorbehalten

"""
FRENCH = (
    GERMAN.replace("Dokument {n} von", "Document {n} sur").replace("AUTOR: Von", "AUTEUR: Par")
    .replace("RUBRIK", "RUBRIQUE").replace("LÄNGE: 92 Wörter", "LONGUEUR: 92 mots")
    .replace("SPRACHE", "LANGUE").replace("UPDATE", "DATE DE CHARGEMENT")
    .replace("ZEITUNGS-CODE", "TYPE DE PUBLICATION")
)  # fmt: skip
SPANISH = (
    GERMAN.replace("Dokument {n} von", "Documento {n} de").replace("AUTOR: Von", "AUTOR: Por")
    .replace("RUBRIK", "SECCIÓN").replace("LÄNGE: 92 Wörter", "EXTENSIÓN: 92 palabras")
    .replace("SPRACHE", "IDIOMA").replace("UPDATE", "FECHA DE CARGA")
    .replace("ZEITUNGS-CODE", "TIPO DE PUBLICACIÓN")
)  # fmt: skip
DAYS = {1: ("15", "Friday"), 2: ("14", "Thursday"), 3: ("13", "Wednesday")}


def _export(form: str, text: str = TEXT) -> str:
    return "".join(
        form.format(n=n, day=day, weekday=weekday, text=text) for n, (day, weekday) in DAYS.items()
    )


def _read(path: Path, content: str) -> list[Document | Rejected]:
    path.write_text(content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(f"{path.parent}/"))
    return found


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "form",
    [
        NEXIS,
        OLD_NEXIS,
        NEXIS_UNI,
        FACTIVA,
        FACTIVA_CODED,
        PROQUEST,
        FACTIVA_TABS,
        GERMAN,
        FRENCH,
        SPANISH,
    ],
)
def test_each_article_is_one(tmp_path: Path, form: str, end: str) -> None:
    found = _read(tmp_path / "export.txt", _export(form).replace("\n", end))
    assert [each.location for each in found] == [f"export.txt:{n}" for n in (1, 2, 3)]
    for n, each in enumerate(found, start=1):
        assert isinstance(each, Document), each
        assert each.title == (
            f"Vote on the lighthouse {n}: a long headline that goes on in a second line"
        )
        assert (each.author, each.source) == ("Ann Ek", "The Skerry Post")
        assert each.date is not None
        assert DAYS[n][0] in each.date
        assert "Mar" in each.date.replace("ä", "a")
        assert each.content.strip() == TEXT


def test_what_stands_before_and_behind_the_articles_is_none(tmp_path: Path) -> None:
    cover = "User Name: A. Ek\nDocuments (3)\n1. Vote on the lighthouse 1\n\n\n"
    found = _read(tmp_path / "a.txt", cover + _export(NEXIS_UNI) + "\n\nPrinted by A. Ek\n")
    assert [getattr(each, "title", "")[:24] for each in found] == [
        f"Vote on the lighthouse {n}" for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("form", [NEXIS, OLD_NEXIS, NEXIS_UNI, FACTIVA_CODED, PROQUEST, GERMAN])
@pytest.mark.parametrize("line", ["City: forty came.", "SUBJECT: the sea", "IN ALL, forty came."])
def test_a_text_with_labels_in_it_is_not_cut(tmp_path: Path, form: str, line: str) -> None:
    text = f"{BODY[0]}\n\n{line}\n\n{BODY[1]}"
    found = _read(tmp_path / "a.txt", _export(form, text))
    assert [getattr(each, "content", "").strip() for each in found] == [text] * 3


def test_who_speaks_first_is_no_label(tmp_path: Path) -> None:
    text = f"HOLM: We closed it at noon.\n\n{BODY[0]}\n\nEK: And then it was quiet."
    for form in (NEXIS, GERMAN):
        found = _read(tmp_path / "a.txt", _export(form, text))
        assert [getattr(each, "content", "").strip() for each in found] == [text] * 3


def test_one_that_is_cut_short_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    parts = [NEXIS.format(n=n, day=15, weekday="Friday", text=TEXT) for n in (1, 2, 3)]
    parts[1] = parts[1][:200] + "\n\n"
    one, two, three = _read(tmp_path / "a.txt", "".join(parts))
    assert isinstance(one, Document)
    assert isinstance(three, Document)
    assert two == Rejected("a.txt:2", "an export's article that has no day or text")


def test_the_last_one_without_its_mark_is_read(tmp_path: Path) -> None:
    content = _export(FACTIVA).rpartition("Document")[0]
    found = _read(tmp_path / "a.txt", content)
    assert [each.location for each in found] == ["a.txt:1", "a.txt:2", "a.txt:3"]
    assert all(isinstance(each, Document) for each in found)


@pytest.mark.parametrize("mark", ["{n} of 200 DOCUMENTS", "End of Document"])
def test_what_cannot_be_told_apart_is_refused(tmp_path: Path, mark: str) -> None:
    content = "\n\n".join(f"{mark.format(n=n)}\n\n{TEXT}" for n in (1, 2, 3))
    (found,) = _read(tmp_path / "a.txt", content)
    assert found == Rejected(
        "a.txt", "an export whose articles cannot be told apart: it has 3 marks"
    )


@pytest.mark.parametrize("mark", ["End of Document", "1 of 5 documents", "Document 1 of 5"])
def test_a_text_that_has_such_a_line_is_a_text(tmp_path: Path, mark: str) -> None:
    (found,) = _read(tmp_path / "a.txt", f"{TEXT}\n\n{mark}\n")
    assert isinstance(found, Document)
    assert (found.location, found.content) == ("a.txt", f"{TEXT}\n\n{mark}\n")


@pytest.mark.parametrize(
    "content",
    [
        "1 of 2 DOCUMENTS\n" * 50_000,
        "End of Document\n" * 50_000,
        "a\n" * 100_000 + "End of Document",
        # Of a label that goes on so long the time once grew with the square.
        "1 of 2 DOCUMENTS\nMarch 1, 2024\n\nSUBJECT: a\n" + "a\n" * 500_000,
    ],
)
def test_hostile_sizes_are_read(tmp_path: Path, content: str) -> None:
    assert _read(tmp_path / "a.txt", content)
