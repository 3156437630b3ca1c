"""Two hundred articles and two hundred questions that try to break out of wherever they are shown.

Every script in them would set `window.broken`.
"""

import json
from itertools import product
from random import Random

from tests.support.corpus import sentence

_SET = "window.broken=1"

PAYLOADS = (
    f"<script>{_SET}</script>",
    f"</title><script>{_SET}</script>",
    f"</textarea></p></mark></style></script><script>{_SET}</script>",
    f'"><script>{_SET}</script>',
    f"'><img src=x onerror={_SET}>",
    f'" autofocus onfocus="{_SET}" x="',
    f"' onmouseover='{_SET}' style='position:fixed;inset:0",
    f"<svg/onload={_SET}>",
    f"<iframe srcdoc='<script>parent.{_SET}</script>'></iframe>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>",
    f"<form action='javascript:{_SET}'><button autofocus>Go</button></form>",
    "<link rel=stylesheet href=//evil.example/x.css><style>body{display:none}</style>",
    f"<!--><script>{_SET}</script>--><![CDATA[<script>{_SET}</script>]]>]]&gt;",
    f"&lt;script&gt;{_SET}&lt;/script&gt; &#60;script&#62; &amp;lt;b&amp;gt;",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {% include '/etc/passwd' %} %(q)s {q.__class__}",
    "\u202egnp.exe\u202c \u2066left\u2069 \u2067right \u200f\u200e\u202d",
    "\x00null\x00 \x08bell\x07 \x1b[31mred\x1b[0m \x7f \x85 \ufffe \uffff",
    "Z" * 900,
    "a\u0300" + "\u0489\u0334\u0336" * 200 + " zalgo",
    "x\r\nSet-Cookie: broken=1\r\n\r\n<script>",
    '\'; DROP TABLE articles; -- " OR ""=" \\\' \\\\ \\u003cscript\\u003e',
    "🏳️\u200d🌈👩🏽\u200d🚀\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20,
    "𝕳𝖊𝖑𝖑𝖔 ﷽ ﷽ \u0b95\u0bcd\u0bb7 \u1100\u1161\u11a8 ꧅" * 10,
    f"javascript:{_SET}",
    f"data:text/html,<script>{_SET}</script>",
)

URLS = (
    f"javascript:{_SET}",
    f"JaVaScRiPt:{_SET}//https://ok.example",
    f"data:text/html,<script>{_SET}</script>",
    f'https://ok.example/"onclick="{_SET}',
    f"https://ok.example/'><script>{_SET}</script>",
    "//evil.example/x",
    "https://user:pass@evil.example\\@ok.example/\u202e",
    "https://[::1",
)

ARTICLES = 200
QUESTIONS = 200
# A word that is found in every article.
BAIT = "harbour"


def articles() -> dict[str, bytes]:
    """Hostile articles by file name: JSON, HTML and text, each with a payload in every field."""
    files: dict[str, bytes] = {}
    for number, (payload, url) in enumerate(product(PAYLOADS, URLS)):
        # So that no two are reports of one story, of which a search shows one.
        random = Random(number)
        own = " ".join(sentence(random) for _ in range(12))
        body = (
            f"{own}\n\nThe {BAIT} was closed on Monday, said {payload} to those at the gate.\n\n"
            f"{payload} It will open again in report {number}, an official of the {BAIT} said."
        )
        if number % 80 == 6:
            body += "\n\n" + "W" * 1_000_000 + f" and the {BAIT} again."
        if number % 3 == 0:
            page = (
                f"<html><head><title>{payload} {number}</title>"
                f'<link rel="canonical" href="{url}"></head><body><article>'
                f"<h1>{BAIT} {payload} {number}</h1><p>{body}</p></article></body></html>"
            )
            files[f"{number:03}.html"] = page.encode("utf-8", "replace") + b"\xff\xfe\xc3\x28"
        elif number % 3 == 1:
            fields = {
                "id": f"{number}/{payload[:80]}",
                "title": f"{BAIT.title()} {number} {payload}",
                "text": body,
                "source": payload[:200],
                "author": payload[:200],
                "url": url,
                "date": "2024-11-30",
            }
            files[f"{number:03}.json"] = json.dumps(fields).encode()
        else:
            text = f"{BAIT.title()} report {number} {payload}\n\nBy {payload[:60]}\n\n{body}\n"
            files[f"{number:03}.txt"] = text.encode("utf-8", "replace") + b"\xed\xa0\x80\xff"
    assert len(files) == ARTICLES
    return files


def questions() -> list[str]:
    """Hostile questions, most of which find something."""
    forms = (
        "{}",
        f"{BAIT} {{}}",
        f'{BAIT} "{{}}"',
        f"{BAIT} source:{{}}",
        f'{BAIT} title:"{{}}" -{{}}',
        f"{BAIT} after:{{}} before:2024-11",
        f"{{}} {BAIT} in November 2024",
        f'{BAIT} author:"{{}}" lang:{{}}',
    )
    found = [form.replace("{}", payload) for payload, form in product(PAYLOADS, forms)]
    assert len(found) == QUESTIONS
    return found
