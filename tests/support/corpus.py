"""Twelve small articles, made up, of every format; and their questions."""

import gzip
import json
from collections.abc import Sequence
from random import Random


def _dump(title: str, source: str, day: str, *paragraphs: str) -> bytes:
    lines = [title, "", f"By {source} | Published {day} 08:00:00", "", *paragraphs, ""]
    return "\n\n".join(lines).encode()


BAKERY = (
    "The Millbrook bakery closed its doors on Friday after ninety-one years of making rye bread.",
    "Its owner, Ansel Vardy, said that flour had become too expensive and the ovens too old. "
    "He thanked the customers who had queued outside before dawn every winter.",
    "A museum will keep the oldest oven, which was built by his grandfather from river clay.",
)
OBSERVATORY = (
    "Astronomers at the Corran Hill observatory have found a comet with two tails.",
    "The comet was named after Ilse Brandt, the student who noticed it on a photograph in March. "
    "It will pass the Sun in October and can then be seen without a telescope.",
)
FERRY = (
    "The night ferry between Lowick and Saint Orran ran aground on a sandbank on Tuesday.",
    "All 214 passengers were taken ashore by fishing boats, and nobody was hurt. "
    "The captain, Dora Quill, said that a buoy had drifted half a mile in the storm.",
    "Divers will inspect the hull of the ferry before a tug pulls it free at high tide.",
)
TRAM = (
    "Kestrel City council voted on Monday to build a tram line to the harbour.",
    "The line will cost 340 million crowns and open in six years, the mayor said. "
    "Shopkeepers on Anchor Street fear that two years of roadworks will drive customers away.",
)
BEES = (
    "Beekeepers in the Teal valley have lost a third of their hives to a mite this spring.",
    "A laboratory in Harrow is breeding bees that groom the mite off each other. "
    "The first queens will be given to forty beekeepers next year, said Professor Lena Okoro.",
)
FINAL = (
    "Redshaw Rovers won the cup final 3-2 with a goal in the last minute on Saturday.",
    "Striker Tomas Ewing scored twice and was carried off the field by the supporters. "
    "The defeated coach said that his players had simply run out of legs.",
)
EMOJI = (
    "The 🦉 festival in Owlbury drew a record crowd of 12,000 visitors 🎉 this weekend.",
    "Mayor Pia Lund 👩‍🚀 promised that the 🦉 lanterns would return. She called it a triumph.",
)


def _html(title: str, paragraphs: tuple[str, ...]) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def record(identity: str, title: str, paragraphs: Sequence[str], **fields: str) -> str:
    """An article as one JSON object."""
    return json.dumps({"id": identity, "title": title, "text": "\n\n".join(paragraphs), **fields})


CORPUS: dict[str, bytes] = {
    "echo/bakery.txt": _dump(
        "Last loaves at the Millbrook bakery", "Vale Echo", "2024-02-09", *BAKERY
    ),
    "echo/ferry.txt.gz": gzip.compress(
        _dump("Night ferry runs aground", "Vale Echo", "2024-03-12", *FERRY)
    ),
    "web/observatory.html": _html("A comet with two tails", OBSERVATORY),
    "feeds/day.jsonl": "\n".join(
        [
            record("tram 1/a", "Council votes for a harbour tram", TRAM, source="Kestrel Post",
                    date="2024-04-22", url="https://kestrel.example/tram"),
            record("bees", "Bees that groom each other", BEES, source="Teal Times",
                    date="2024-05-01T06:30:00Z", author="Ruth Adeyemi"),
        ]
    ).encode(),
    "feeds/final.json": record(
        "final", "Rovers win the cup", FINAL, source="Kestrel Post", date="2024-05-18"
    ).encode(),
    "feeds/owls.json": record(
        "owls", "Owls 🦉 everywhere", EMOJI, source="Owlbury 🦉 News", date="2024-06-02"
    ).encode(),
    # The bakery's text from another outlet: another article, the same story.
    "feeds/copy.json": record(
        "copy", "Bakery shuts after 91 years", BAKERY, source="Teal Times", date="2024-02-10"
    ).encode(),
}  # fmt: skip

ARTICLES = 8
STORIES = 7

QUESTIONS = (
    "who owned the Millbrook bakery",
    "when will the comet pass the Sun",
    "captain of the ferry that ran aground",
    "cost of the tram line to the harbour",
    "which mite killed the bees in the Teal valley",
    "who scored in the cup final",
    "owl festival visitors",
    "flour prices",
)

_TEXT = """
    harbour council bridge winter market teacher doctor storm river election budget station
    museum farmer engine pilot glacier orchard tunnel copper lantern violin anchor meadow
    satellite vaccine harvest referee senate prison island volcano library ferry painter
    airport strike ballot nurse reactor whale treaty border soldier factory dragon chess
    opened closed promised measured repaired rejected found lost sold painted counted warned
    old new quiet northern southern early late heavy public broken famous hidden
"""
_WORDS = _TEXT.split()
# Questions in these words.
ASKED = (
    "old harbour bridge repaired",
    "which doctor found the copper lantern",
    "volcano island ferry",
    "northern library election",
    "dragon",
)


def generated(articles: int, seed: int = 7) -> dict[str, bytes]:
    """Articles of random words, of one or more passages, from four sources over a year."""
    random = Random(seed)
    files = {}
    for number in range(articles):
        paragraphs = [
            " ".join(sentence(random) for _ in range(random.randint(2, 5)))
            for _ in range(random.randint(2, 8))
        ]
        fields = {"source": f"Source {number % 4}"} if number % 5 else {}
        if number % 7:
            fields["date"] = f"2024-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        title = " ".join(random.choices(_WORDS, k=5)).capitalize()
        files[f"{number:04}.json"] = record(
            f"g{number}", title, tuple(paragraphs), **fields
        ).encode()
    return files


def sentence(random: Random) -> str:
    """A sentence of random words."""
    words = random.choices(_WORDS, k=random.randint(6, 18))
    return f"{' '.join(words).capitalize()}."
