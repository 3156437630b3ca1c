"""From bytes to text, as the web has them."""

import codecs
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.input.alphabets import by_letters
from indexer.reading.input.decoding import decode, tidy, utf_16
from tests.support.languages import NEWS

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
        (TEXT.encode("utf-16-le"), TEXT),
        (TEXT.encode("utf-16-be"), TEXT),
        (b"", ""),
        (TEXT.encode() + bytes(4096), TEXT + "\0" * 4096),
    ],
)
def test_encodings(content: bytes, expected: str) -> None:
    assert decode(content) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\x0cd\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("tab\there \x1b[31mred\x07\x7f\0", "tab\there [31mred"),
        ("one\ufeff\ntwo \ud800", "one\ntwo ?"),
        ("it\x92s \x93so\x94\x81 \x85", "it’s “so” …"),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("mojibake", "expected"),
    [
        ("The mayorâ€™s plan", "The mayor’s plan"),
        ("The mayorÃ¢â‚¬â„¢s plan", "The mayor’s plan"),
        ("â€œWe waitâ€\x9d, â€” he said", "“We wait”, — he said"),
        ("cafÃ© naÃ¯ve Â£5", "café naïve £5"),
        ("garçon — the mayorâ€™s — “here”", "garçon — the mayor’s — “here”"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€", "Привет, мир"),
    ],
)
def test_text_that_was_encoded_twice(mojibake: str, expected: str) -> None:
    good = "Été à la « maison » — “voilà”…"
    assert tidy(f"{good}\n{mojibake}\n{good}") == f"{good}\n{expected}\n{good}"


@pytest.mark.parametrize("language", NEWS)
def test_good_text_is_left_alone(language: str) -> None:
    text = NEWS[language]
    assert decode(text.encode()) == text
    assert tidy(text) == text
    assert tidy(text.encode().decode("latin-1")) == text


SHORT = {
    "cp1250": (
        "Starosta řekl, že přístav zůstane zavřený.", "Město koupí nový trajekt",
        "Starosta povedal, že prístav ostane zatvorený.", "Budúci týždeň sa začne oprava móla.",
        "Żaden rybak nie został ranny.", "Miasto kupi nową łódź", "Są już na miejscu",
        "A polgármester szerint a kikötő zárva marad.", "Jövő héten kezdődik a móló javítása.",
        "Gradonačelnik je rekao da će luka ostati zatvorena.", "Feribotul a eşuat marţi.",
    ),
    "iso8859_2": (
        "Starosta řekl, že přístav zůstane zavřený.", "Miasto kupi nową łódź",
        "A polgármester szerint a kikötő zárva marad.",
    ),
    "cp1252": (
        "Le maire a dit que le port restera fermé.", "L’œuvre coûte 4 000 €, dit-il à Noël.",
        "De haven blijft één week dicht.", "Lautta ajoi karille, ei hätää.", "Größe: 40 m²",
        "Die Fähre lief auf Grund, 300 m³ Öl.", "¿Quién pagará? ¡Nadie!", "El año próximo",
        "Færgen gik på grund ved øen.", "The café on the quay costs £5, or 40 m³ of water.",
        "O prefeito não disse se a região ficará fechada.", "It costs £5 – or 3½ crowns.",
        "Bæjarstjórinn sagði að höfnin yrði lokuð á þriðjudag.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("encoding", SHORT)
def test_a_few_words(encoding: str) -> None:
    read = [decode(text.encode(encoding)) for text in SHORT[encoding]]
    assert read == [*SHORT[encoding]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Мост", "cp1251"), ("Паром стоит", "koi8_r"), ("Skerry (Путин)", "cp1251"),
        ("渡轮停运", "gb18030"), ("Skerry (渡轮)", "gb18030"), ("フェリー", "cp932"),
        # Letters of two languages, in two encodings.
        ("Resterà chiuso perché è vecchio.", "cp1252"), ("Mesto a loď", "cp1250"),
        ("Nijedan ribar nije ozlijeđen, Dvořák", "cp1250"), ("çalıştı", "cp1254"),
    ],
)  # fmt: skip
def test_letters_that_do_not_tell(text: str, encoding: str) -> None:
    assert by_letters(text.encode(encoding)) in (None, encoding)


UNLABELLED = [
    *[(code, "cp1252") for code in ("da", "de", "es", "fi", "fr", "it", "pt", "sv")],
    *[(code, "cp1250") for code in ("cs", "hu", "pl")],
    *[("ru", "cp1251"), ("uk", "cp1251"), ("ru", "koi8_r"), ("el", "cp1253"), ("tr", "cp1254")],
    *[("he", "cp1255"), ("ar", "cp1256"), ("th", "cp874"), ("pl", "iso8859_2")],
    *[("ja", "cp932"), ("ja", "euc_jp"), ("zh", "gb18030"), ("zh", "big5"), ("ko", "cp949")],
]


@pytest.mark.parametrize(("language", "encoding"), UNLABELLED)
def test_an_encoding_that_is_not_declared(language: str, encoding: str) -> None:
    content = NEWS[language].encode(encoding, "ignore")
    text = content.decode(encoding)
    assert decode(content) == text
    # And the same below lines of UTF-8.
    assert decode(f"{NEWS['ro']}\n{text}\n".encode() + content) == f"{NEWS['ro']}\n{text}\n{text}"


def test_each_line_in_its_own_encoding() -> None:
    lines = [TEXT.encode(), TEXT.encode("cp1252")] * 3
    assert decode(b"".join(lines)) == TEXT * 6


def test_utf_16_is_not_seen_where_it_is_not() -> None:
    for content in (b"", b"\0", b"a", bytes(100), b"plain", bytes(range(256)), b"\0\x81" * 50):
        assert utf_16(content) is None
    assert utf_16(NEWS["fa"].encode("utf-16-le")[:101]) == "utf-16-le"


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


def test_a_page_can_be_declared_as_xml() -> None:
    content = "<?xml version='1.0' encoding='windows-1251'?><p>Привет".encode("cp1251")
    assert "Привет" in (decode(content) or "")


def test_utf8_wins_over_a_wrong_declaration() -> None:
    content = f"<meta charset=iso-8859-1><p>{TEXT}".encode()
    assert TEXT in (decode(content) or "")


@pytest.mark.parametrize(
    "charset",
    ["klingon", "ascii", "undefined", "idna", "punycode", "hex", "zlib", "rot13", "utf-7",
     "unicode_escape", "raw_unicode_escape", "mbcs", "utf-16", "utf-32", "cp65001", "hz",
     "iso2022_jp", "uu", "quopri", "bz2", "../os", "x" * 40, "oem", "palmos"],
)  # fmt: skip
def test_a_hostile_declaration_does_no_harm(charset: str) -> None:
    content = f"<meta charset={charset}><p>\\ud800 caf".encode() + b"\xe9 \xa4 \\x"
    assert decode(content) == content.decode("cp1252")


def test_a_few_broken_bytes_do_not_spoil_the_rest() -> None:
    content = ("naïve café " * 50).encode() + b"\xff\xfe " + "déjà vu".encode()
    text = decode(content) or ""
    assert text.count("naïve café") == 50
    assert text.endswith("déjà vu")


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04\x00\x00",
        random.Random(7).randbytes(5000),
        b"%PDF-1.4\n" + zlib.compress(random.Random(8).randbytes(5000)),
    ],
)
def test_binary(content: bytes) -> None:
    assert decode(content) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_not(content: bytes) -> None:
    text = decode(content)
    if text is not None:
        clean = tidy(text)
        clean.encode("utf-8")
        assert not set(clean) & {"\r", "\x00", "\x1b", "\x7f", "\x85", "\ufeff"}


def test_a_charset_that_is_declared_beside_the_text() -> None:
    text = "Привет"
    assert decode(text.encode("koi8_r"), "KOI8-R") == text
    # What is UTF-8 is read as that, and codecs that are none of the web's are not used.
    assert decode(text.encode(), "windows-1252") == text
    assert decode("Café".encode("latin-1"), "unicode_escape") == "Café"
