"""Mailboxes (mbox): one mail after the other, each behind a line that begins with "From "."""

import re
from collections.abc import Callable, Iterator

from indexer.reading.formats.lines import line_reader, skip_line
from indexer.reading.formats.mail import MAX_MAIL, mail_records, placed
from indexer.reading.formats.record import Records
from indexer.reading.input.packed import Source

# Lines of mail have at most 998 bytes; a longer one is read in parts.
_LINE = 1 << 16
_FROM = re.compile(rb"From \S+.{0,60}\d\d:\d\d")
_QUOTED = re.compile(rb">+From ")


def read_mailbox(source: Source, reached: Callable[[int], None]) -> Records:
    """The records of a mailbox, numbered as they come."""
    number = 0
    for mail in _mails(source):
        reached(source.position())
        for record in mail_records(mail) if isinstance(mail, bytes) else [mail]:
            number += 1
            yield placed(f"{source.place}:{number}", record)


def _mails(source: Source) -> Iterator[bytes | str]:
    """The bytes of each mail, or what is wrong with it."""
    read_line = line_reader(source)
    mail = bytearray()
    # A line begins a mail only if it is the first, or behind a blank one.
    begun, blank, long = False, True, False
    while line := read_line(_LINE):
        if blank and _FROM.match(line):
            if begun:
                yield f"mail larger than {MAX_MAIL // 2**20} MB" if long else bytes(mail)
            begun, long = True, False
            mail.clear()
            skip_line(read_line, line)
            continue
        blank = line in (b"\n", b"\r\n")
        if len(mail) > MAX_MAIL:
            long = True
            continue
        mail += line[1:] if _QUOTED.match(line) else line
    if begun or mail:
        yield f"mail larger than {MAX_MAIL // 2**20} MB" if long else bytes(mail)
