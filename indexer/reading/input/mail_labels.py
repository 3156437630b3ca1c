"""What programs for mail call its headers, where they write them as text: "Von", "Gesendet"."""

import re

_NAMES = {
    "From": ("von", "de", "da", "van"),
    "Sent": ("gesendet", "envoyé", "envoyé le", "enviado", "enviado el", "inviato", "verzonden"),
    "Date": ("datum", "fecha", "data"),
    "To": ("an", "à", "a", "para", "pour", "aan"),
    "Subject": ("betreff", "objet", "sujet", "asunto", "oggetto", "onderwerp"),
    "Cc": ("kopie", "copie à", "copia"),
    "Reply-To": ("antwort an", "répondre à", "responder a"),
}
_ENGLISH = {each: name for name, some in _NAMES.items() for each in (name.lower(), *some)}
_LABEL = re.compile(
    rf"(\*?)({'|'.join(sorted(_ENGLISH, key=len, reverse=True))})[ \u00a0]?:(?=[\s*]|$)", re.I
)


def in_english(line: str) -> str:
    """A line with its label as headers of mail have it: of "Betreff : Fog" "Subject: Fog"."""
    found = _LABEL.match(line)
    return f"{found[1]}{_ENGLISH[found[2].lower()]}:{line[found.end() :]}" if found else line
