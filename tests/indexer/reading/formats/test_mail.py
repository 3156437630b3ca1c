"""Mail as newsletters, forwards and saved pages come in it, and mail that is hostile."""

import io
import quopri
from base64 import encodebytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from indexer.reading.fields import KNOWN
from indexer.reading.formats.mail import read_mail
from indexer.reading.input.kinds import kind_of
from indexer.reading.input.packed import Source

TEXT = (
    "Mayor Holm has resigned. He had hidden losses of the ferry line for two years, the council\n"
    "learned on Thursday evening in a closed session. Deputy mayor Ida Brandt takes over until\n"
    "June. “The books will be open,” she said.\n"
)
PAGE = f"<html><head><style>p {{ color: red }}</style></head><body><p>{TEXT}</p></body></html>"
HEAD = (
    "From: The Skerry Post <news@skerry.example>\nTo: reader@example.org\n"
    "Subject: Morning briefing: the mayor quits\nDate: Fri, 15 Mar 2024 06:30:00 +0100\n"
    "Message-ID: <7@skerry.example>\nMIME-Version: 1.0\n"
)
UTF_8 = 'Content-Type: text/%s; charset="utf-8"\n\n%s'


def _parts(kind: str, *parts: str) -> str:
    inside = "".join(f"--b{kind}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="b{kind}"\n\n{inside}--b{kind}--\n'


PLAIN_PART = UTF_8 % ("plain", TEXT)
HTML_PART = UTF_8 % ("html", PAGE)
STUB = UTF_8 % ("plain", "View this mail in your browser: https://skerry.example/m/7\n")
ATTACHED = (
    'Content-Type: text/plain; name="a.txt"\nContent-Disposition: attachment; filename="a.txt"\n\n'
    "Not this.\n"
)
PICTURE = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"


def _read(path: Path, content: str | bytes) -> list[Document | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def _one(path: Path, content: str | bytes) -> Document:
    (document,) = _read(path, content)
    assert isinstance(document, Document)
    return document


def _words(text: str) -> list[str]:
    return text.replace("<", " <").split()


@pytest.mark.parametrize("name", ["mail.eml", "mail.txt", "mail"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_newsletter(tmp_path: Path, name: str, mark: str, end: str) -> None:
    body = quopri.encodestring(TEXT.encode()).decode()
    mail = HEAD + "Content-Transfer-Encoding: quoted-printable\n" + UTF_8 % ("plain", body)
    document = _one(tmp_path / name, (mark + mail).replace("\n", end))
    assert (document.location, document.format, document.id, document.url) == (
        "",
        "text",
        None,
        None,
    )
    assert document.title == "Morning briefing: the mayor quits"
    assert document.source == "The Skerry Post"
    assert document.date == "2024-03-15T06:30:00+01:00"
    assert _words(document.content) == _words(TEXT)


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (PLAIN_PART, "text"),
        (HTML_PART, "html"),
        (_parts("alternative", PLAIN_PART, HTML_PART), "text"),
        (_parts("alternative", STUB, HTML_PART), "html"),
        (_parts("alternative", PLAIN_PART, _parts("related", HTML_PART, PICTURE)), "text"),
        (_parts("mixed", _parts("alternative", STUB, HTML_PART), ATTACHED, PICTURE), "html"),
        (_parts("mixed", PLAIN_PART, ATTACHED), "text"),
    ],
    ids=["plain", "html", "both", "stub", "related", "nested", "attached"],
)
def test_of_several_parts_that_with_the_text(tmp_path: Path, body: str, format: str) -> None:
    document = _one(tmp_path / "a.eml", HEAD + body)
    assert document.format == format
    assert _words(document.content) == _words(PAGE if format == "html" else TEXT)


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "iso-2022-jp"])
def test_charsets_in_base64(tmp_path: Path, charset: str) -> None:
    text = "市長が辞任した。" if charset == "iso-2022-jp" else "“Café” – the mayor’s words."
    head = f'Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset="{charset}"\n\n'
    body = encodebytes(text.encode(charset)).decode()
    assert _one(tmp_path / "a.eml", HEAD + head + body).content == text


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("=?utf-8?Q?Caf=C3=A9_on_the?= =?utf-8?B?IHF1YXk=?=", "Café on the quay"),
        ("=?iso-8859-1?Q?Caf=E9?= opens", "Café opens"),
        ("Café, not encoded", "Café, not encoded"),
        ("Re: Fwd: FW: AW: The vote", "The vote"),
        ("Re[2]: The vote: what next", "The vote: what next"),
        ("Reform: what next", "Reform: what next"),
        ("Folded\n over lines", "Folded over lines"),
        ("=?utf-8?B?broken!?=", "=?utf-8?B?broken!?="),
        ("=?nonsense?Q?Caf=C3=A9?=", "Café"),
    ],
)
def test_subjects(tmp_path: Path, subject: str, expected: str) -> None:
    head = HEAD.replace("Morning briefing: the mayor quits", subject)
    assert _one(tmp_path / "a.eml", head + PLAIN_PART).title == expected


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ('"Post, The Skerry" <news@skerry.example>', "Post, The Skerry"),
        ("=?utf-8?Q?Skerry_Caf=C3=A9?= <news@skerry.example>", "Skerry Café"),
        ("news@skerry.example", "skerry.example"),
        ("<news@skerry.example>", "skerry.example"),
        ("(" * 20_000, None),
    ],
)
def test_senders(tmp_path: Path, sender: str, expected: str | None) -> None:
    head = HEAD.replace("The Skerry Post <news@skerry.example>", sender)
    assert _one(tmp_path / "a.eml", head + PLAIN_PART).source == expected


@pytest.mark.parametrize(
    "date", ["nonsense", "Fri, 15 Mar 2024 06:30:00 +99999999999", "1 Jan 9999999999"]
)
def test_a_date_that_is_none(tmp_path: Path, date: str) -> None:
    head = HEAD.replace("Fri, 15 Mar 2024 06:30:00 +0100", date)
    assert _one(tmp_path / "a.eml", head + PLAIN_PART).date == date


@pytest.mark.parametrize(
    "more",
    [
        "\n-- \nThe Skerry Post\n1 Quay Street\n",
        "\nOn Thu, 14 Mar 2024, Bo Dal <bo@example.org> wrote:\n> What is new?\n>\n> Bo\n",
        "\nOn Thu, 14 March 2024 at 9:00, Bo Dal\n<bo@example.org> wrote:\n> What?\n",
    ],
    ids=["signature", "quote", "quote in two lines"],
)  # fmt: skip
def test_signatures_and_quotes_are_left_out(tmp_path: Path, more: str) -> None:
    document = _one(tmp_path / "a.eml", HEAD + UTF_8 % ("plain", TEXT + more))
    assert _words(document.content) == _words(TEXT)


@pytest.mark.parametrize(
    "more",
    ["\n--\n" + "A line of the article.\n" * 20, "\nHe wrote:\n\nI shall go.\n", "\n> Quoted.\n"],
    ids=["long", "no quote", "nobody wrote"],
)
def test_what_may_be_the_articles_stays(tmp_path: Path, more: str) -> None:
    document = _one(tmp_path / "a.eml", HEAD + UTF_8 % ("plain", TEXT + more))
    assert _words(document.content) == _words(TEXT + more)


def test_a_message_that_is_forwarded_inside(tmp_path: Path) -> None:
    inside = (
        "See below!\n\n---------- Forwarded message ---------\n"
        "From: *The Ulvdal Echo* <echo@ulvdal.example>\nDate: Thu, Mar 14, 2024 at 9:00 AM\n"
        f"Subject: Ferry line lost millions\nTo: Ann <ann@example.org>\n\n{TEXT}"
    )
    head = HEAD.replace("Subject: Morning", "Subject: Fwd: Morning")
    document = _one(tmp_path / "a.eml", head + UTF_8 % ("plain", inside))
    assert (document.title, document.date) == (
        "Ferry line lost millions",
        "Thu, Mar 14, 2024 at 9:00 AM",
    )
    assert document.source == "The Ulvdal Echo"
    assert _words(document.content) == _words(TEXT)


@pytest.mark.parametrize(
    "head",
    [
        "-----Ursprüngliche Nachricht-----\nVon: {} \nGesendet: Donnerstag, 14. März 2024 09:00\n"
        "An: Ann Ek\nBetreff: WG: {}\n\n",
        "________________________________\nVon: {}\nGesendet: Donnerstag, 14. März 2024 09:00:00\n"
        "An: Ann Ek\nCc: Bo Li\nBetreff: {}\n\n",
        "-------- Weitergeleitete Nachricht --------\nBetreff: {1}\nDatum: Thu, 14 Mar 2024 09:00\n"
        "Von: {0}\nAn: Ann Ek\n\n",
        "Von: {}\nGesendet: Donnerstag, 14. März 2024 09:00\nAn: Ann Ek\nBetreff: AW: {}\n\n",
        "De : {}\nEnvoyé : jeudi 14 mars 2024 09:00\nÀ : Ann Ek\nObjet : TR: {}\n\n",
        "-----Message d'origine-----\nDe\u00a0: {}\nEnvoyé\u00a0: jeudi 14 mars 2024 09:00\n"
        "À\u00a0: Ann Ek\nObjet\u00a0: {}\n\n",
        "-----Mensaje original-----\nDe: {}\nEnviado el: jueves, 14 de marzo de 2024 9:00\n"
        "Para: Ann Ek\nAsunto: RV: {}\n\n",
        "Inicio del mensaje reenviado:\n\nDe: {}\nAsunto: {}\n"
        "Fecha: 14 de marzo de 2024, 9:00:00\nPara: Ann Ek\n\n",
        "From: {}\nSent: Thursday, March 14, 2024 9:00 AM\nTo: Ann Ek\nSubject: FW: {}\n\n",
    ],
)
def test_a_message_that_is_forwarded_in_other_languages(tmp_path: Path, head: str) -> None:
    own = head.format("The Ulvdal Echo <echo@ulvdal.example>", "Ferry line lost millions")
    mail = HEAD.replace("Subject: Morning", "Subject: WG: Morning")
    documents = [
        _one(tmp_path / "a.eml", mail + UTF_8 % ("plain", f"Schau!\n\n{own}{TEXT}")),
        # As a program for mail saves one as text.
        *([_one(tmp_path / "b.txt", own + TEXT)] if own.startswith(("De", "From", "Von")) else []),
    ]
    for document in documents:
        assert (document.title, document.source) == ("Ferry line lost millions", "The Ulvdal Echo")
        assert _words(document.content) == _words(TEXT)
        article = clean(document)
        assert isinstance(article, Article)
        assert article.published is not None
        assert article.published.iso[:10] == "2024-03-14"


def test_a_text_with_a_sender_and_no_subject_is_whole(tmp_path: Path) -> None:
    text = f"De: la mairie\nDate: jeudi\n\n{TEXT}"
    document = _one(tmp_path / "a.eml", HEAD + UTF_8 % ("plain", text))
    assert _words(document.content) == _words(text)


def test_messages_that_are_attached(tmp_path: Path) -> None:
    inner = HEAD.replace("the mayor quits", "%s") + PLAIN_PART
    note = UTF_8 % ("plain", "For your files.\n")
    digest = [f"Content-Type: message/rfc822\n\n{inner % name}" for name in ("One", "Two")]
    found = _read(tmp_path / "a.eml", HEAD + _parts("mixed", note, *digest))
    assert [(each.location, each.title) for each in found if isinstance(each, Document)] == [
        (":1", "Morning briefing: One"),
        (":2", "Morning briefing: Two"),
    ]
    (only,) = _read(tmp_path / "b.eml", HEAD + _parts("mixed", note, digest[0]))
    assert only.location == ""


@pytest.mark.parametrize("name", ["page.mhtml", "page.mht", "page"])
def test_a_page_that_was_saved(tmp_path: Path, name: str) -> None:
    head = (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://skerry.example/museum\n"
        "Subject: Museum vote | Skerry\nDate: Sat, 16 Mar 2024 10:00:00 -0000\nMIME-Version: 1.0\n"
    )
    inner = HTML_PART.replace("\n\n", "\nContent-Location: https://skerry.example/museum\n\n", 1)
    document = _one(tmp_path / name, head + _parts("related", inner, PICTURE))
    assert (document.format, document.url) == ("html", "https://skerry.example/museum")
    # The day is that of the saving, and the headline is the page's to tell.
    assert (document.date, document.title, document.source) == (None, None, None)
    assert TEXT.split("\n")[0] in document.content


@pytest.mark.parametrize(
    ("mail", "told"),
    [
        (HEAD + PICTURE, "mail without a text"),
        (HEAD + "\n", "mail without a text"),
        (HEAD + "Content-Type: multipart/mixed; boundary=b\n\nno parts\n", "mail without a text"),
        (
            HEAD
            + "".join(
                f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1000)
            ),
            "mail that is nested too deeply",
        ),
        (HEAD + "X: boundary\n" * 10_000 + "\n" * 10_000, "mail of too many lines and parts"),
        (HEAD + "a:b\n" * 1_300_000, "mail of too many lines and parts"),
        (HEAD + _parts("mixed", *["\n"] * 10_001), "mail of too many lines and parts"),
        (HEAD + 'Content-Type: a/b; x="' + ";" * 1_000_000, "mail of too many parameters"),
        (HEAD + "\n" + "x" * 38_000_000, "larger than 36 MB unpacked"),
    ],
    ids=[
        "picture",
        "empty",
        "no parts",
        "nested",
        "boundaries",
        "lines",
        "parts",
        "parameters",
        "large",
    ],
)
def test_mail_that_is_no_article(tmp_path: Path, mail: str, told: str) -> None:
    (rejected,) = _read(tmp_path / "a.eml", mail)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == told


def test_headers_of_any_length_are_read_at_once(tmp_path: Path) -> None:
    long = "=?utf-8?q?a?= " * 50_000
    mail = f"Subject: {long}\nContent-Type: text/plain; {'a*0*=b; ' * 20_000}\n\n{TEXT}"
    document = _one(tmp_path / "a.eml", f"From: {'a,<' * 50_000}\nMIME-Version: 1.0\n{mail}")
    assert _words(document.content) == _words(TEXT)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.binary(max_size=6) | st.sampled_from([b"=?x?Q?=", b"\n\n", b"--bmixed\n", b"\0"]),
        ),
        max_size=20,
    )
)
def test_no_damage_raises(damage: list[tuple[float, bytes]]) -> None:
    inner = "Content-Type: message/rfc822\n\n" + HEAD + PLAIN_PART
    mail = HEAD + _parts("mixed", _parts("alternative", STUB, HTML_PART), inner, ATTACHED)
    content = bytearray(mail.encode())
    for where, put in damage:
        at = int(where * len(content))
        content[at : at + 3] = put
    stream: Any = io.BufferedReader(io.BytesIO(content))
    for each in read_mail(Source("a", "a", stream, stream.tell)):
        assert isinstance(each, Rejected) or isinstance(KNOWN.document(*each), Document | Rejected)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        (
            "From: Skerry Post <n@skerry.example>\nTo: reader@example.org\n"
            "Date: Fri, 15 Mar 2024 06:30:00 +0100\nSubject: Re: The mayor quits\n",
            "2024-03-15T06:30:00+01:00",
        ),
        (
            "From:\tSkerry Post <n@skerry.example>\r\nSent:\tFriday, 15 March 2024 22:10\r\n"
            "To:\tAnn Ek\r\nSubject:\tThe mayor quits\r\n",
            "Friday, 15 March 2024 22:10",
        ),
        (
            "Subject: The mayor quits\nFrom: Skerry Post <n@skerry.example>\n"
            "Sent: Friday, March 15, 2024 10:10 PM\nAttachments: a.pdf\n",
            "Friday, March 15, 2024 10:10 PM",
        ),
    ],
)
def test_mail_that_was_saved_as_text(tmp_path: Path, head: str, day: str) -> None:
    document = _one(tmp_path / "a.txt", f"{head}\n{TEXT}")
    assert (document.title, document.source, document.date, document.content) == (
        "The mayor quits",
        "Skerry Post",
        day,
        TEXT.strip(),
    )


@pytest.mark.parametrize(
    "head",
    [
        "From: the editor\nTo: the reader\n",
        "From: the editor\nTo: the reader\nSubject: Fog\nDate: 15 March 2024\n",
        "From: Ann Ek <a@skerry.example>\nSubject: Fog\n",
        "From: Ann Ek <a@skerry.example>\nDate: 15 March 2024\nSubject: Fog\nDear reader,\n",
    ],
)
def test_a_text_with_lines_like_headers_is_no_mail(tmp_path: Path, head: str) -> None:
    assert TEXT in _one(tmp_path / "a.txt", f"{head}\n{TEXT}").content
    assert kind_of(f"{head}\n{TEXT}".encode(), "a.txt") == "text"
