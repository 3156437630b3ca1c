"""Documents that are zips of XML, EPUB and .docx: their parts, within bounds.

Read by zipfile and lxml: python-docx and ebooklib read each part whole, however large it unpacks.
"""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END
from typing import IO, Any

from lxml import etree

from indexer.article import Rejected
from indexer.reading.input.packed import HARMLESS, MAX_RATIO, Source, TooTight, size_of_list

# The list of a document's parts; a book of 10,000 pictures has one of 1 MB.
_MAX_LIST = 2 * 2**20
# Of a part that is parsed whole.
_MAX_TREE = 4 * 2**20
# No entity is expanded, nothing is fetched.
SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}


@contextmanager
def parts_of(source: Source, most: int = 1 << 40) -> Iterator["Parts | Rejected"]:
    """The parts of a document, or why it cannot be read.

    most: how many bytes it may unpack to
    """
    with source.seekable() as file:
        if isinstance(file, Rejected):
            yield file
        elif size_of_list(file) > _MAX_LIST:
            yield Rejected(source.place, "too large: the list of the document's parts")
        else:
            size = file.seek(0, SEEK_END)
            with zipfile.ZipFile(file) as archive:
                yield Parts(archive, size, most)


class Parts:
    """The parts of a document, counted against its size as they are unpacked."""

    def __init__(self, archive: zipfile.ZipFile, size: int, most: int) -> None:
        """`size` is that of the archive, `most` how many bytes it may unpack to."""
        self._archive, self._most = archive, min(most, max(HARMLESS, MAX_RATIO * size))
        self._names = set(archive.namelist())

    @contextmanager
    def opened(self, name: str) -> Iterator["_Counted | None"]:
        """A part to be read; None if there is none of this name."""
        if name not in self._names:
            yield None
            return
        try:
            with self._archive.open(name) as part:
                yield _Counted(part, self.count)
        except (RuntimeError, NotImplementedError) as error:
            # zipfile says so of a part that is encrypted, or packed in a way that it does not know.
            raise zipfile.BadZipFile(str(error)) from error

    def whole(self, name: str, most: int) -> bytes | None:
        """A part, or its beginning and one byte more than `most`; None if there is none."""
        with self.opened(name) as part:
            return part.read(most + 1) if part else None

    def tree(self, name: str) -> Any | None:
        """A small part of XML, parsed; None if there is none, or if it is broken beyond reading."""
        content = self.whole(name, _MAX_TREE)
        if content is None or len(content) > _MAX_TREE:
            return None
        try:
            return etree.fromstring(content, etree.XMLParser(recover=True, **SAFE))
        except etree.XMLSyntaxError:
            return None

    def count(self, size: int) -> None:
        """Count bytes that were unpacked.

        Raises:
            TooTight: they are too many for the size of the document.
        """
        self._most -= size
        if self._most < 0:
            raise TooTight


class _Counted:
    """A part that is read, and counted."""

    def __init__(self, part: IO[bytes], count: Callable[[int], None]) -> None:
        self._part, self._count = part, count

    def read(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            TooTight: the document unpacks to too many.
        """
        data = self._part.read(size)
        self._count(len(data))
        return data


def texts(tree: Any, name: str) -> list[str]:
    """What the elements of this name hold, whatever namespace they are of, each in one line."""
    found = (" ".join("".join(each.itertext()).split()) for each in tree.iter(f"{{*}}{name}"))
    return [text for text in found if text]
