"""The headers of an answer that was saved with them (`curl -i`), which stand before what it is."""

import re

# An answer behind redirects has headers of each, and of a proxy only a status.
_MOST_BLOCKS = 20
_BLOCK = re.compile(
    rb"HTTP/[\d.]{1,3} (?P<status>\d{3})\b[^\n]*\n"
    rb"(?:(?:[^\s:]{1,100}:[^\n]*\n|[ \t][^\r\n][^\n]*\n)+\r?\n|\r?\n(?=HTTP/))"
)


def response_headers(head: bytes) -> tuple[int, int]:
    """How many bytes the headers are that a file begins with, and the status: (0, 200) if none.

    head: the first bytes of the file
    """
    end, status = 0, 200
    for _ in range(_MOST_BLOCKS):
        block = _BLOCK.match(head, end)
        if block is None:
            break
        end, status = block.end(), int(block["status"])
    return end, status
