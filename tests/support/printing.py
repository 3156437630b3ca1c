"""Makes small PDFs: lines of Helvetica at given places."""

import zlib
from collections.abc import Mapping, Sequence

Printed = tuple[float, float, float, str]
"""From the left, from the bottom and the size in points, and the text; \\x01 is the ligature fi."""

_FONT = (
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding"
    b"<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[1/fi/fl]>>>>"
)


def make_pdf(
    pages: Sequence[Sequence[Printed]],
    about: Mapping[str, str] | None = None,
    trailer: bytes = b"",
    turned: str = "1 0 0 1",
) -> bytes:
    """A PDF of A4 pages.

    about: what it says of itself, as `{"Title": …}`
    trailer: what else stands in the trailer
    turned: the matrix that its pages' lines are turned by
    """
    info = "".join(f"/{name}({value})" for name, value in (about or {}).items())
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        _FONT,
        f"<<{info}>>".encode("cp1252"),
    ]
    for number, lines in enumerate(pages):
        objects += [_page(6 + 2 * number), _stream(turned.encode(), lines)]
    content, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    end = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer<</Size %d/Root 1 0 R/Info 4 0 R%s>>\n" % (len(places) + 1, trailer)
    return bytes(content) + b"startxref\n%d\n%%%%EOF" % end


def _page(content: int) -> bytes:
    return (
        b"<</Type/Page/Parent 2 0 R/MediaBox[-842 -842 842 842]/Contents %d 0 R"
        b"/Resources<</Font<</F1 3 0 R>>>>>>" % content
    )


def _stream(turned: bytes, lines: Sequence[Printed]) -> bytes:
    shown = b"".join(map(_shown, lines))
    packed = zlib.compress(b"%b 0 0 cm\n%b" % (turned, shown))
    return b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed)


def _shown(line: Printed) -> bytes:
    left, bottom, size, text = line
    escaped = text.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        escaped = escaped.replace(sign, b"\\" + sign)
    return b"BT /F1 %g Tf %g %g Td (%s) Tj ET\n" % (size, left, bottom, escaped)
