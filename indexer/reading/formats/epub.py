"""Books (EPUB): one article a chapter, in the order of the book."""

import posixpath
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import lxml.html
from lxml import etree

from indexer.article import Rejected
from indexer.reading.fields import MAX_PAGE
from indexer.reading.formats.record import Found, Records
from indexer.reading.formats.zipped import Parts, parts_of, texts
from indexer.reading.input.decoding import decode
from indexer.reading.input.packed import Source

_MAX_CHAPTERS = 5000
# A cover, a title page or a list of contents has fewer characters that are in no link.
_FEW = 150
# How much of it is looked at for that.
_BEGINNING = 1 << 16
# A date that nobody knew, and who made the book, as calibre writes them.
_NO_DATE, _MAKER = "0101-01-01", "calibre"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read_epub(source: Source) -> Records:
    """The chapters of a book, by their places in its order."""
    with parts_of(source) as parts:
        if isinstance(parts, Rejected):
            yield parts
            return
        package = _package(parts)
        if package is None:
            yield Rejected(source.place, "damaged: a book without a list of its chapters")
            return
        yield from _chapters(source.place, parts, *package)


def _package(parts: Parts) -> tuple[str, Any] | None:
    """The folder of the book's own description, and the description."""
    container = parts.tree("META-INF/container.xml")
    found = container.find(".//{*}rootfile") if container is not None else None
    name = str(found.get("full-path")) if found is not None else "content.opf"
    package = parts.tree(name)
    return None if package is None else (posixpath.dirname(name), package)


def _chapters(place: str, parts: Parts, folder: str, package: Any) -> Records:
    items = {str(each.get("id")): each for each in package.iter("{*}item")}
    titles = _titles(parts, folder, items.values())
    about = _about(package)
    locked = _locked(parts)
    order = dict.fromkeys(str(each.get("idref")) for each in package.iter("{*}itemref"))
    passed = 0
    for number, item in enumerate((items.get(each) for each in order), start=1):
        if number > _MAX_CHAPTERS:
            yield Rejected(
                place, f"too long: {_MAX_CHAPTERS:,} of its {len(order):,} chapters are read"
            )
            break
        if item is None or item.get("media-type") not in _PAGES:
            continue
        name = _name(folder, item.get("href"))
        found = _chapter(f"{place}:{number}", parts, name, name in locked)
        if found is None:
            passed += 1
        elif isinstance(found, Rejected):
            yield found
        else:
            yield found[0], {**about, "title": titles.get(name), **found[1]}
    if passed:
        yield Rejected(
            place, f"front matter: {passed:,} parts of a book without text", foreign=True
        )


def _name(folder: str, link: Any) -> str:
    """The name of the part that a link from a folder leads to."""
    return posixpath.normpath(posixpath.join(folder, unquote(str(link).partition("#")[0])))


def _chapter(place: str, parts: Parts, name: str, locked: bool) -> Found | None:
    if locked:
        return Rejected(place, "encrypted: a chapter of a protected book")
    content = parts.whole(name, MAX_PAGE)
    if content is None:
        return Rejected(place, "damaged: the book lacks this chapter")
    if len(content) > MAX_PAGE:
        return Rejected(place, f"html longer than {MAX_PAGE // 2**20} MB")
    text = decode(content)
    if text is None:
        return Rejected(place, "binary, not text")
    return (place, {"html": text}) if _has_text(content) else None


def _has_text(content: bytes) -> bool:
    """Whether the beginning of a chapter has more than links and pictures."""
    try:
        tree = lxml.html.document_fromstring(content[:_BEGINNING])
    except (etree.ParserError, etree.XMLSyntaxError):
        return False
    etree.strip_elements(
        tree, "a", "head", "nav", "script", "style", etree.Comment, with_tail=False
    )
    return len("".join("".join(tree.itertext()).split())) >= _FEW


def _about(package: Any) -> dict[str, Any]:
    dates = [each for each in texts(package, "date") if not each.startswith(_NO_DATE)]
    publishers = [each for each in texts(package, "publisher") if each != _MAKER]
    authors = [each for each in texts(package, "creator") if each != _MAKER]
    return {
        "author": authors,
        "source": next(iter(publishers), None),
        "date": next(iter(dates), None),
        "language": next(iter(texts(package, "language")), None),
    }


def _titles(parts: Parts, folder: str, items: Iterable[Any]) -> dict[str, str]:
    """The titles of chapters, by the names of their parts: of its contents list, old or new."""
    found: dict[str, str] = {}
    for item in items:
        listed = "nav" in str(item.get("properties")).split()
        if not listed and item.get("media-type") != "application/x-dtbncx+xml":
            continue
        name = _name(folder, item.get("href"))
        tree = parts.tree(name)
        links = ((each.get("href"), each) for each in tree.iter("{*}a")) if tree is not None else ()
        if tree is not None and not listed:
            links = ((_source(each), each) for each in tree.iter("{*}navPoint"))
        for link, element in links:
            label = element if listed else element.find("{*}navLabel")
            title = "" if label is None else " ".join("".join(label.itertext()).split())
            if link and title:
                found.setdefault(_name(posixpath.dirname(name), link), title)
    return found


def _source(point: Any) -> str | None:
    content = point.find("{*}content")
    return None if content is None else content.get("src")


def _locked(parts: Parts) -> set[str]:
    """The names of the encrypted parts: chapters of a protected book, or only its fonts."""
    tree = parts.tree("META-INF/encryption.xml")
    if tree is None:
        return set()
    return {_name("", each.get("URI")) for each in tree.iter("{*}CipherReference")}
