"""The lines of a source, or its blocks: one at a time and none longer than is asked for."""

from collections.abc import Callable
from io import BufferedIOBase, BufferedReader, TextIOWrapper

from indexer.reading.input.decoding import utf_16
from indexer.reading.input.packed import Source


def line_reader(source: Source) -> Callable[[int], bytes]:
    """What reads the next line, of at most so many bytes; one in UTF-16 comes as UTF-8."""
    text = _of_utf_16(source)
    if text is None:
        return source.stream.readline
    return lambda most: text.readline(most).encode("utf-8", "replace")


def block_reader(source: Source) -> Callable[[int], bytes]:
    """What reads the next bytes, at most so many; UTF-16 comes as UTF-8, a little longer."""
    text = _of_utf_16(source)
    if text is None:
        return source.stream.read1
    return lambda most: text.read(most).encode("utf-8", "replace")


def _of_utf_16(source: Source) -> TextIOWrapper | None:
    encoding = utf_16(source.head(1024))
    if encoding is None:
        return None
    return TextIOWrapper(_Unowned(source.stream), encoding, "replace", newline="\n")  # type: ignore[arg-type]


class _Unowned(BufferedIOBase):
    """A stream that is not closed with what reads it."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        return self._stream.read1(size)


def skip_line(read_line: Callable[[int], bytes], begun: bytes) -> None:
    """Read on to the end of a line that has begun."""
    while begun and not begun.endswith(b"\n"):
        begun = read_line(1 << 20)
