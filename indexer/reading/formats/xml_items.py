"""The items of an XML file, each cut out by its tags and parsed for itself.

A parser of the whole stops at the first mistake; one that recovers takes the items behind a tag
that was not closed for its content, and drops all that follows a node that is too long or too
deep. Here what is wrong with an item stays in it, and no more than one is in memory.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from html.entities import html5
from itertools import chain

from lxml import etree

from indexer.reading.formats.lines import block_reader
from indexer.reading.formats.sgml import SGML, as_xml
from indexer.reading.input.decoding import declared, decode
from indexer.reading.input.packed import Source

# The longest item that is parsed, in bytes; the tags in it, since an element takes some 120 bytes;
# and the references, of which an escaped page has four a tag.
MAX_ITEM = 16 * 2**20
MOST_TAGS, MOST_REFERENCES = 500_000, 2_000_000
# What is kept of what stands before the first item: of a feed its title, of WordPress the authors.
_MAX_ABOUT = 1 << 20
_BLOCK = 1 << 17
_MOST_NAMESPACES = 50

# Up to the first element: declarations, comments, instructions and a document type.
_PROLOG = re.compile(
    rb"(?:[\s\0]++|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[[^\]]*+\]\s*+)?>)*+",
    re.S | re.I,
)
_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]", re.I)
_ROOT = re.compile(rb"<((?:[\w.-]{1,100}:)?+([\w.-]{1,100}))(?=[\s/>])[^>]*+>")
_NAMESPACE = re.compile(
    rb"""\sxmlns(?::[\w.-]{1,100})?\s*=\s*(?:"[^"<&]{0,300}"|'[^'<&]{0,300}')"""
)
# Of text, an ampersand that begins no reference which XML knows; sections of CDATA are as they are.
_WRONG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?",
    re.S,
)
# Characters that XML does not have, and references to them: behind one, a parser that recovers
# drops the references that are good.
_NO_XML = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    r"|&#(?:0{0,6}(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0{0,6}(?:[0-8bcefBCEF]|1[\da-fA-F]));"
)


@dataclass(frozen=True, slots=True)
class Root:
    """The first element of a file, and what its pieces need of it to be parsed alone.

    name: without a prefix
    tag: its start tag
    end: the beginning of its end tag
    charset: that is declared
    """

    name: str
    tag: bytes
    end: bytes
    charset: str | None

    def parse(self, piece: bytes) -> etree._Element | str:
        """The element that a piece of the file begins with, or why there is none."""
        if piece.count(b"<") > MOST_TAGS:
            return f"an item of more than {MOST_TAGS:,} tags"
        if piece.count(b"&") > MOST_REFERENCES:
            return f"an item of more than {MOST_REFERENCES:,} references"
        text = decode(piece, self.charset)
        if text is None:
            return "binary, not text"
        text = _WRONG.sub(_mended, _NO_XML.sub("", text))
        if self.name in SGML:
            text = as_xml(text)
        spaces = b"".join(_NAMESPACE.findall(self.tag)[:_MOST_NAMESPACES]).decode("utf-8", "ignore")
        return _parsed(f"<x{spaces}>{text}</x>".encode())


def read_items(
    source: Source, names: Mapping[str, Collection[str]], reached: Callable[[int], None]
) -> tuple[Root, Iterator[bytes | str]] | str:
    """The first element of an XML file and pieces of the file, or why it has no items.

    The pieces are what stands before the first item, from the first element on and at most a
    megabyte, and then each item, or what is wrong with it.

    names: of the elements that are items, by the name of the first element
    """
    blocks = _blocks(block_reader(source), lambda: reached(source.position()))
    buffer = b""
    while True:
        prolog = _PROLOG.match(buffer)
        begin = prolog.end() if prolog else 0
        if found := _ROOT.match(buffer, begin):
            break
        block = next(blocks, None)
        if block is None or len(buffer) > _MAX_ABOUT:
            return "XML without an element" if buffer.strip() else "empty"
        buffer += block
    name = found[2].decode("ascii", "replace")
    if _ENTITY.search(buffer, 0, begin):
        return "XML that declares entities of its own: they are not expanded"
    if name not in names:
        return f"XML that is no news: its first element is <{name}>"
    root = Root(name, found[0], b"</" + found[1], declared(buffer[:begin]))
    behind = begin if name in names[name] else found.end()
    return root, _pieces(root, names[name], chain([buffer[behind:]], blocks))


def _blocks(read: Callable[[int], bytes], reached: Callable[[], None]) -> Iterator[bytes]:
    """The bytes of a source, cut behind the end of a tag where there is one."""
    waiting: list[bytes] = []
    size = 0
    while block := read(_BLOCK):
        reached()
        size += len(block)
        end = block.rfind(b">") + 1 or (len(block) if size > MAX_ITEM else 0)
        if end:
            yield b"".join([*waiting, block[:end]])
            waiting, size = [], len(block) - end
        waiting.append(block[end:])
    yield b"".join(waiting)


def _pieces(root: Root, names: Collection[str], blocks: Iterator[bytes]) -> Iterator[bytes | str]:
    tag = re.compile(
        rb"<!\[CDATA\[|<!--|<(/?)(?:[\w.-]{1,100}:)?+(?:%s)(?=[\s/>])" % "|".join(names).encode()
    )
    buffer = b""
    # Where the open item begins, up to where tags were looked for, and from where on the end of a
    # comment or a section is.
    begin, at, inside = -1, 0, 0
    about, closed = False, False
    for block in blocks:
        closed = closed or root.end in block
        buffer += block
        while found := tag.search(buffer, at):
            if found[1] is None:
                closing = b"-->" if found[0] == b"<!--" else b"]]>"
                end = buffer.find(closing, max(found.end(), inside))
                if end < 0:
                    at, inside = found.start(), len(buffer) - 2
                    break
                at, inside = end + 3, 0
            elif found[1]:
                at = found.end()
                if begin >= 0:
                    yield buffer[begin:at] + b">"
                    begin = -1
            else:
                if not about:
                    about = True
                    yield (root.tag + buffer[: found.start()])[:_MAX_ABOUT]
                if begin >= 0:
                    # What was not closed ends where the next begins.
                    yield buffer[begin : found.start()]
                begin, at = found.start(), found.end()
        else:
            at = len(buffer)
        if not about and len(buffer) > _MAX_ABOUT:
            about = True
            yield (root.tag + buffer)[:_MAX_ABOUT]
        if len(buffer) - max(begin, 0) > MAX_ITEM:
            if begin >= 0:
                yield f"an item longer than {MAX_ITEM // 2**20} MB"
            buffer, begin, at, inside = b"", -1, 0, 0
        elif about:
            cut = begin if begin >= 0 else at
            buffer, at, inside = buffer[cut:], at - cut, max(0, inside - cut)
            begin = min(begin, 0)
    if not about:
        yield (root.tag + buffer)[:_MAX_ABOUT]
    if begin >= 0:
        yield "XML that breaks off: inside an item"
    elif not closed:
        yield f"XML that breaks off: the end of <{root.name}> is missing"


def _parsed(content: bytes) -> etree._Element | str:
    """The first element inside the one that content holds; what is broken in it is passed over."""

    def parser(recover: bool) -> etree.XMLParser:
        return etree.XMLParser(
            recover=recover, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
        )  # fmt: skip

    try:
        tree = etree.fromstring(content, parser(recover=False))
    except etree.XMLSyntaxError as error:
        wrong = str(error)
        if "depth" in wrong:
            return "an item that is nested too deeply"
        if "limit" in wrong or "too long" in wrong:
            return "an item with a text or an attribute longer than 10 MB"
        tree = etree.fromstring(content, parser(recover=True))
        if tree is None:
            return f"an item that is no XML: {wrong[:200]}"
    return tree[0] if len(tree) else "an item without an element"


def _mended(found: re.Match[str]) -> str:
    """A reference that only HTML knows as its character; another ampersand as a text."""
    if found[0].startswith("<"):
        return found[0] if found[0].endswith("]]>") else f"{found[0]}]]>"
    known = html5.get(f"{found[1]};") if found[1] else None
    return known if known and not set(known) & set("<&") else f"&amp;{found[0][1:]}"
