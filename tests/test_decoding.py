"""From bytes to text, as the web has them."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.decoding import decode, tidy

TEXT = "The café’s owner said “naïve”: €5 – or £4.\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), TEXT),
        (TEXT.encode("utf-16"), TEXT),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), TEXT),
        (TEXT.encode("utf-32"), TEXT),
        (TEXT.encode("cp1252"), TEXT),
        (b"a\r\nb\rc\x0cd\xc2\x85e\xe2\x80\xa9f", "a\nb\nc\nd\ne\nf"),
        (b"tab\there \x1b[31mred\x07\x7f", "tab\there [31mred"),
    ],
)
def test_encodings(content: bytes, expected: str) -> None:
    assert decode(content) == expected


@pytest.mark.parametrize(
    "meta",
    [
        "<meta charset='{}'>",
        '<META http-equiv="Content-Type" content="text/html; charset={}">',
        "<meta charset={}>",
    ],
)
@pytest.mark.parametrize(
    ("encoding", "text"),
    [("iso-8859-2", "Zażółć gęślą"), ("windows-1251", "Привет, мир"), ("shift_jis", "日本語です")],
)
def test_meta_charset(meta: str, encoding: str, text: str) -> None:
    content = f"<html><head>{meta.format(encoding)}</head><p>{text}</p>"
    assert text in (decode(content.encode(encoding)) or "")


def test_utf8_wins_over_a_wrong_declaration() -> None:
    content = f"<meta charset=iso-8859-1><p>{TEXT}".encode()
    assert TEXT in (decode(content) or "")


@pytest.mark.parametrize(
    "charset",
    ["klingon", "ascii", "undefined", "idna", "punycode", "hex", "zlib", "rot13", "utf-7",
     "unicode_escape", "raw_unicode_escape", "mbcs", "utf-16", "utf-32", "cp65001"],
)  # fmt: skip
def test_a_hostile_declaration_does_no_harm(charset: str) -> None:
    content = f"<meta charset={charset}><p>\\ud800 caf".encode() + b"\xe9 \xa4 \\x"
    text = decode(content)
    assert text is not None
    text.encode("utf-8")


def test_a_few_broken_bytes_do_not_spoil_the_rest() -> None:
    content = ("naïve café " * 50).encode() + b"\xff\xfe " + "déjà vu".encode()
    text = decode(content) or ""
    assert text.count("naïve café") == 50
    assert text.endswith("déjà vu")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"a\x00b\x00"])
def test_binary(content: bytes) -> None:
    assert decode(content) is None


def test_another_8_bit_encoding_gives_some_text() -> None:
    # 0x81 and 0x8d have no meaning in windows-1252.
    text = decode("Привет, мир. Как дела сегодня? ".encode("cp866") * 20 + b"\x81\x8d")
    assert text


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_not(content: bytes) -> None:
    text = decode(content)
    if text is not None:
        text.encode("utf-8")
        assert text == tidy(text)
        assert not set(text) & {"\r", "\x00", "\x1b", "\x7f"}
