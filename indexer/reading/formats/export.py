"""Texts that hold many articles, as archives of news export them: LexisNexis, Factiva, ProQuest.

Each has marks between its articles: "1 of 200 DOCUMENTS" before one, "End of Document" or Factiva's
accession number behind one. An article is its head (outlet, day, headline), labelled lines
("BYLINE: Ann Ek"), its text, and labelled lines again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from indexer.article import Rejected
from indexer.reading.days.dates import find_dates
from indexer.reading.formats.record import Records

_Record = Mapping[str, str]

_NUMBERS = r"\d{1,6}[ \t]+(?:of|von|de|di|van|sur)[ \t]+[\d,.]{1,9}"
_DOCUMENT = r"Do[ck]ument[a-z]{0,2}"
_BEGINS = re.compile(
    rf"^[ \t]*(?:{_DOCUMENT}[ \t]+{_NUMBERS}|{_NUMBERS}[ \t]+{_DOCUMENT})[ \t]*$",
    re.M | re.I,
)
_END = re.compile(r"^[ \t]*End of Document[ \t]*$", re.M | re.I)
_ACCESSION = re.compile(
    r"^[ \t]*(?:AN[ \t]+)?Document[ \t]+[A-Z][A-Z\d]{2,12}(?:19|20)\d{6}[a-z\d]{9}[ \t]*$", re.M
)
# Of what is longer and has no mark behind it something would be lost.
_MOST_LEFT = 100
_LABEL = re.compile(r"([^\W\d_](?:[^\W\d_]|[ /-]){2,30}):(?:\s+(.*))?$")
_ABOVE = frozenset((
    "byline", "section", "length", "dateline", "highlight", "headline", "series", "type", "edition",
    "author", "publication info", "abstract", "links", "title", "source", "date", "issn",
))  # fmt: skip
_BELOW = frozenset((
    "load-date", "language", "graphic", "url", "publication-type", "document-type", "pub-type",
    "subject", "organization", "company", "ticker", "industry", "person", "geographic", "country",
    "state", "city", "acc-no", "journal-code", "correction-date", "notes", "copyright",
    "publication title", "publication year", "publication date", "publication subject",
    "document url", "proquest document id", "place of publication", "country of publication",
    "language of publication", "source type", "last updated", "database",
))  # fmt: skip
_BODY = frozenset(("body", "full text"))
# How exports in other languages label what stands above and below.
_TRANSLATED = {
    translated: name
    for name, each in {
        "byline": "autor autoren auteur auteurs autores autore",
        "section": "rubrik ressort rubrique section sección seccion sezione rubriek",
        "length": "länge longueur longitud extensión lunghezza lengte",
        "headline": "überschrift titre titel título titular titolo kop",
        "load-date": "update lade-datum date-de-chargement fecha-de-carga",
        "language": "sprache langue idioma lengua lingua taal",
        "graphic": "grafik graphique gráfico grafico grafiek",
        "publication-type": "publikationstyp zeitungs-code type-de-publication tipo-de-publicación",
        "body": "volltext texte-intégral texto-completo",
    }.items()
    for translated in each.split()
}
# Of a text a line may be labelled so too, "HOLM: We closed it.", but that is a sentence.
_SENTENCE = re.compile(r"[.!?…][\"”’»“)]*$")
# Alone in a line, they end the text of newer exports.
_HEADING_BELOW = re.compile(r"Classification|Graphic")
_RIGHTS = re.compile(r"(?:copyright|©|\(c\))\s.{0,120}|all rights reserved\.?", re.I)
_PAGE = re.compile(r"page \d+ of \d+|link to (?:pdf|image).*|_{5,}", re.I)
_BY = re.compile(r"(?:by:?|von(?! de[mnr]\b)|par|por)\s+", re.I)
_WORDS = re.compile(r"[\d,.]{1,7} (?:words?|mots|Wörter|palabras|parole|woorden)$", re.I)
_CODE = re.compile(
    r"(HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|VOL|LA|CY|LP|TD|CT|RF|ART|CO|IN|NS|RE|IPD|IPC|PUB|AN|SE|CLM)"
    r"(?:(?:\t|\s{2,})\s*(.*)|\s*)$"
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}\b.{0,12}$")
_LONGEST_NAME, _LONGEST_HEAD = 80, 12


def export_articles(place: str, text: str) -> Records | None:
    """The articles of an export, numbered from 1; None if a text is none.

    What cannot be told apart comes as `Rejected`, so that nothing is lost in silence.
    """
    for mark, begins, read in _KINDS:
        marks = list(mark.finditer(text))
        if marks:
            parts = _parts(text, marks, begins)
            found = [read(part.split("\n")) for part in parts]
            if not begins and found[-1] is None and len(parts[-1].split()) < _MOST_LEFT:
                found.pop()
            if any(found):
                return _numbered(place, found)
            return _refused(place, len(marks)) if len(marks) > 1 else None
    return None


def _parts(text: str, marks: Sequence[re.Match[str]], begins: bool) -> list[str]:
    """What lies between marks that stand before the articles, or behind them."""
    if begins:
        starts, stops = [mark.end() for mark in marks], [mark.start() for mark in marks[1:]]
        stops.append(len(text))
    else:
        starts, stops = [0, *(mark.end() for mark in marks)], [mark.start() for mark in marks]
        stops.append(len(text))
    return [text[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _refused(place: str, count: int) -> Records:
    yield Rejected(place, f"an export whose articles cannot be told apart: it has {count} marks")


def _numbered(place: str, found: Sequence[_Record | None]) -> Records:
    for number, record in enumerate(found, start=1):
        where = f"{place}:{number}"
        yield (
            (where, record)
            if record
            else Rejected(where, "an export's article that has no day or text")
        )


@dataclass(slots=True)
class _Parts:
    """An article taken apart: the lines above its labels, what these say, and its text."""

    head: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


def _labelled(lines: Sequence[str]) -> _Record | None:
    """The record of an article of LexisNexis or ProQuest."""
    parts = _taken_apart(lines)
    labels = parts.labels
    day = next((n for n, line in enumerate(parts.head) if _has_day(line)), None)
    title, source = _headline(parts.head, day)
    record = {
        "title": labels.get("headline") or labels.get("title") or title,
        "date": labels.get("publication date") or ("" if day is None else parts.head[day].strip()),
        "author": _BY.sub("", labels.get("byline") or labels.get("author") or "", count=1),
        "source": labels.get("publication title") or source,
        "url": labels.get("url") or labels.get("document url") or "",
        "text": "\n".join(parts.text).strip("\n"),
    }
    # A text may speak of documents; what its article is made of tells an export.
    whole = record["date"] and record["text"] and labels
    return {name: value for name, value in record.items() if value} if whole else None


def _taken_apart(lines: Sequence[str]) -> _Parts:
    parts = _Parts()
    told: dict[str, list[str]] = {}
    explicit = any(_label(line)[0] in _BODY for line in lines)
    name: str | None = None
    for number, line in enumerate(lines):
        label, value = _label_or_capitals(line) if told else _label(line)
        if label in _BODY:
            _take_text(parts, [value, *lines[number + 1 :]])
            break
        if label:
            name = label
            told.setdefault(label, [value])
        elif name is None and not told:
            parts.head.append(line)
        elif not line.strip():
            name = None
        elif name:
            told[name].append(line.strip())
        elif not explicit:
            _take_text(parts, lines[number:])
            break
    parts.labels |= {label: " ".join(filter(None, values)) for label, values in told.items()}
    return parts


def _take_text(parts: _Parts, lines: Sequence[str]) -> None:
    """The text that some lines begin with, less the labels below it.

    These are looked for from the end: in a text too a line may be labelled, "City: 40 dead".
    """
    end = next((n for n, line in enumerate(lines) if _HEADING_BELOW.fullmatch(line.strip())), -1)
    below = lines[end:] if end >= 0 else []
    lines = lines[:end] if end >= 0 else lines
    stop = len(lines)
    for number in range(len(lines) - 1, 0, -1):
        bare = lines[number].strip()
        begins = not lines[number - 1].strip()
        if begins and bare and not _label(bare)[0] and not _is_noise(bare):
            break
        if begins or not bare:
            stop = number
    parts.text = [line for line in lines[:stop] if not _RIGHTS.fullmatch(line.strip())]
    for line in [*lines[stop:], *below]:
        label, value = _label(line)
        if label:
            parts.labels.setdefault(label, value)


def _label(line: str) -> tuple[str, str]:
    """The name of a labelled line in lower case, and what it says; "" if it has none."""
    bare = line.strip()
    if bare in ("Body", "BODY"):
        return "body", ""
    found = _LABEL.match(bare)
    if found is None:
        return "", ""
    name = found[1].strip().lower()
    name = _TRANSLATED.get(name.replace(" ", "-"), name)
    return (name, found[2] or "") if name in _ABOVE | _BELOW | _BODY else ("", "")


def _label_or_capitals(line: str) -> tuple[str, str]:
    """As `_label`, and what is not known but in capital letters, as all labels beside it are."""
    bare = line.strip()
    found = _LABEL.match(bare)
    known = _label(line)
    if not known[0] and found and found[1].isupper() and not _SENTENCE.search(bare):
        return found[1].lower(), found[2] or ""
    return known


def _headline(head: Sequence[str], day: int | None) -> tuple[str, str]:
    """The headline and the outlet of a head: below its day and above it, or both above it."""
    if day is None:
        lines = [line.strip() for line in head if line.strip()]
        return (lines[0] if len(lines) == 1 else ""), ""
    above = _blocks(head[:day])
    # What stands in the day's own block is an edition.
    rest = head[day:]
    below = _blocks(rest)[1:] if rest else []
    set_in = [block for block in below if not block[0].startswith(("   ", "\t"))]
    source = above[-1][-1].strip() if above else ""
    if below:
        return _one_line((set_in or below[-1:])[0]), source
    titles = [*above[:-1], above[-1][:-1]] if above else []
    title = next((block for block in reversed(titles) if block), [])
    return _one_line(title), source


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Lines that follow each other, less those of rights and pages."""
    kept = ["" if _is_noise(line.strip()) else line for line in lines]
    return [list(block) for full, block in groupby(kept, lambda line: bool(line.strip())) if full]


def _is_noise(bare: str) -> bool:
    return bool(_RIGHTS.fullmatch(bare) or _PAGE.fullmatch(bare))


def _one_line(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _has_day(line: str) -> bool:
    return (
        len(line) <= 200
        and any(len(found.iso) > 7 for found in find_dates(line))
        and not (_RIGHTS.fullmatch(line.strip()))
    )


def _factiva(lines: Sequence[str]) -> _Record | None:
    """The record of an article of Factiva, with codes before its fields or without."""
    bare = [line.strip() for line in lines]
    coded = dict(_coded(bare))
    if "HD" in coded and coded.keys() & {"LP", "TD"}:
        return _made(
            coded["HD"], coded.get("BY", ""), coded.get("PD", ""), coded.get("SN", ""),
            "\n\n".join(filter(None, (coded.get("LP"), coded.get("TD")))),
        )  # fmt: skip
    count = next((n for n, line in enumerate(bare) if _WORDS.match(line)), None)
    if count is None or not any(bare[:count]):
        return None
    facts = [n for n in range(count + 1, len(bare)) if bare[n]][:_LONGEST_HEAD]
    day = next((n for n in facts if _has_day(bare[n])), None)
    if day is None:
        return None
    after = [n for n in facts if n > day and not _TIME.match(bare[n])]
    rights = next((n for n in after if _RIGHTS.fullmatch(bare[n])), None)
    blank = next((n for n in range(day, len(bare)) if not bare[n]), len(bare))
    body = "\n".join(lines[(blank if rights is None else rights) + 1 :])
    title, author = _title_and_name(_blocks(bare[:count]))
    return _made(title, author, bare[day], bare[after[0]] if after else "", body)


def _coded(bare: Sequence[str]) -> Iterator[tuple[str, str]]:
    code, value = "", list[str]()
    for line in bare:
        if found := _CODE.match(line):
            if code:
                yield code, "\n".join(value).strip()
            code, value = found[1], [found[2] or ""]
        else:
            value.append(line)
    if code:
        yield code, "\n".join(value).strip()


def _title_and_name(blocks: list[list[str]]) -> tuple[str, str]:
    """The headline above the count of words, and who it is by, in the line next to the count."""
    author = ""
    last = blocks[-1][-1]
    if len([line for block in blocks for line in block]) > 1 and _is_name(last):
        author = _BY.sub("", last, count=1)
        blocks = [block for block in (*blocks[:-1], blocks[-1][:-1]) if block]
    title = blocks[-1]
    # "News" above the headline is its section.
    if len(title) > 1 and len(title[0].split()) <= 3 and title[1][:1].isupper():
        title = title[1:]
    return _one_line(title), author


def _is_name(line: str) -> bool:
    words = _BY.sub("", line, count=1).replace(",", " ").split()
    small = {"and", "de", "van", "von", "der", "al", "in", "of", "the", "for"}
    named = all(word[:1].isupper() or word in small for word in words)
    return len(line) <= _LONGEST_NAME and named and (len(words) <= 4 or bool(_BY.match(line)))


def _made(title: str, author: str, day: str, source: str, text: str) -> _Record | None:
    record = {
        "title": _one_line(title.split("\n")),
        "author": _BY.sub("", _one_line(author.split("\n")), count=1),
        "date": _one_line(day.split("\n")),
        "source": _one_line(source.split("\n")),
        "text": text.strip("\n"),
    }
    whole = record["title"] and record["date"] and record["text"].strip()
    return {name: value for name, value in record.items() if value} if whole else None


_Reader = Callable[[Sequence[str]], _Record | None]
# Each kind by its marks, whether these stand before its articles, and who reads one.
_KINDS: tuple[tuple[re.Pattern[str], bool, _Reader], ...] = (
    (_BEGINS, True, _labelled),
    (_END, False, _labelled),
    (_ACCESSION, False, _factiva),
)
