"""Mailboxes, read mail by mail."""

import tracemalloc
from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import read_documents

FROM = "From news@skerry.example Fri Mar 15 06:30:00 2024\n"
MAIL = (
    "From: The Skerry Post <news@skerry.example>\nTo: r@example.org\nSubject: %s\n"
    "Date: Fri, 15 Mar 2024 06:30:00 +0100\nMIME-Version: 1.0\n\n%s\n\n"
)


def _read(path: Path, content: str) -> list[Document | Rejected]:
    path.write_text(content, "utf-8", newline="")
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


@pytest.mark.parametrize("name", ["a.mbox", "inbox", "a.txt"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_mails_one_after_the_other(tmp_path: Path, name: str, end: str) -> None:
    content = (
        FROM + MAIL % ("One", "The ferry sails.\n\n>From here on it sails twice.\nFrom Skerry.")
        + FROM + MAIL % ("Two", "From now on it stays.") + FROM + MAIL % ("Three", "It sank.")
    )  # fmt: skip
    found = _read(tmp_path / name, content.replace("\n", end))
    documents = [each for each in found if isinstance(each, Document)]
    assert [(each.location, each.title, each.content.rstrip()) for each in documents] == [
        (":1", "One", "The ferry sails.\n\nFrom here on it sails twice.\nFrom Skerry."),
        (":2", "Two", "From now on it stays."),
        (":3", "Three", "It sank."),
    ]
    assert len(found) == 3


def test_a_mail_that_is_too_large_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.reading.formats.mailbox.MAX_MAIL", 1 << 20)
    large = MAIL % ("Two", "x" * (3 << 20))
    found = _read(tmp_path / "a.mbox", FROM + MAIL % ("One", "It sails.") + FROM + large
                  + FROM + MAIL % ("Three", "It sank.") + FROM + large)  # fmt: skip
    told = [each.title if isinstance(each, Document) else each.reason for each in found]
    assert told == ["One", "mail larger than 1 MB", "Three", "mail larger than 1 MB"]


def test_memory_is_that_of_a_mail(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_text((FROM + MAIL % ("One", "x " * 10_000)) * 300)
    tracemalloc.start()
    try:
        assert len(list(map(type, read_documents(tmp_path / "a.mbox")))) == 300
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
