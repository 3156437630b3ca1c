"""How texts and sentences lie in articles.db: short, and read safely whatever the file holds."""

from collections.abc import Sequence

from backports import zstd

from indexer.article import Span
from indexer.errors import IndexDamaged

# On news, by level: 224 bytes a passage and 54 µs an article at 3, 216 and 195 µs at 9, 204 and
# 1,241 µs at 19; all are unpacked as fast, in 20 µs.
_LEVEL = 9
# Bytes of the longest text: reading takes in no more than two million letters.
LONGEST_TEXT = 16_000_000
# Bits of the longest number, in bytes of seven.
_BITS = 35


def pack_text(text: str) -> bytes:
    """A text as one frame of zstd, which tells its length."""
    return zstd.compress(text.encode(), _LEVEL)


def unpack_text(packed: bytes) -> str:
    """A text from `pack_text`.

    Raises:
        IndexDamaged: it is none, or not as long as it says.
    """
    try:
        length = zstd.get_frame_info(packed).decompressed_size
        if length is None or length > LONGEST_TEXT:
            raise _damaged("text", f"a length of {length}")
        frame = zstd.ZstdDecompressor()
        text = frame.decompress(packed, max_length=length)
        if len(text) != length or not frame.eof or frame.unused_data:
            raise _damaged("text", f"not the {length} bytes that it tells of")
        return text.decode()
    except (zstd.ZstdError, TypeError, UnicodeDecodeError) as error:
        raise _damaged("text", str(error)) from error


def pack_spans(spans: Sequence[Span], base: int) -> bytes:
    """Spans in order as varints (LEB128): the space before each, from `base` on, and its length."""
    packed = bytearray()
    end = base
    for span in spans:
        for number in (span.start - end, span.end - span.start):
            while number > 0x7F:
                packed.append(number & 0x7F | 0x80)
                number >>= 7
            packed.append(number)
        end = span.end
    return bytes(packed)


def unpack_spans(packed: bytes, base: int) -> tuple[Span, ...]:
    """Spans from `pack_spans`.

    Raises:
        IndexDamaged: they are none.
    """
    spans = []
    start = place = base
    step = shift = 0
    inside = False
    for byte in packed:
        if byte > 0x7F:
            step |= (byte & 0x7F) << shift
            if (shift := shift + 7) == _BITS:
                break
            continue
        place += step | byte << shift
        step = shift = 0
        if inside:
            spans.append(Span(start, place))
        else:
            start = place
        inside = not inside
    if shift or inside:
        raise _damaged("passage", "sentences that do not end")
    return tuple(spans)


def count_spans(packed: bytes) -> int:
    """How many spans are packed."""
    return sum(byte <= 0x7F for byte in packed) // 2


def _damaged(what: str, holds: str) -> IndexDamaged:
    return IndexDamaged(f"a {what} is damaged: it has {holds}; run `reindex --full`")
