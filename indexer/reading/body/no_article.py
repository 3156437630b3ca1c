"""Whether a page is no article at all: an error, a consent wall, a log-in, a list of links.

Both its head and its text have to say so: an article about errors or cookies is an article.
"""

import re
from collections.abc import Collection, Sequence

from indexer.reading.body.furniture import is_furniture
from indexer.reading.body.words import count_words, has_more_words
from indexer.reading.facts.declared import key_of

# Characters of a line that are looked at, and lines at the beginning that may be a page's head.
_LONGEST = 300
# And of a page's beginning.
_LONGEST_BEGINNING = 100_000
HEAD_LINES = 6
# An error says no more words than this, latest news below it included; a consent wall many more.
_LONGEST_ERROR, _LONGEST_WALL, _LONGEST_LOGIN = 150, 700, 120
# Of the words of a block page so many are in sentences that are of one, and it has no more.
_BLOCKING, _LONGEST_BLOCK = 0.6, 120
# A line of no more words says nothing beside the head.
_NOTHING = 5
# Of the words of a consent wall so many are in sentences about consent that address the reader.
_CONSENTING = 0.6
# So many links or rules for robots are a list, if this share of the lines is nothing else.
_FEWEST_LINKS, _FEWEST_RULES, _ALONE = 5, 2, 0.8
# A front page has so many headlines, each of so many words; its own heading has fewer.
_FEWEST_HEADLINES, _HEADLINE_WORDS = 8, 4
# Characters by which one is told, and those of a date or section beside it.
_HEADLINE, _BESIDE = 16, 30
# A sentence of fewer words may stand above the headlines of a front page.
_SLOGAN = 12
# Prose of so many words is no teaser.
_PARAGRAPH = 30

_CODE = r"(?:40[0-9]|41[0-9]|42[0-9]|50[0-9]|52[0-9])"
_ERRORS = (
    rf"(?:(?:error|http|oops|sorry)[\s:!,.–-]*){{0,2}}{_CODE}[\s:–|-]*(?:error|(?:page |file )?not "
    r"found|forbidden|unauthorized|bad request|gone|internal server error|bad gateway|service "
    r"(?:temporarily )?unavailable|gateway time-?out|too many requests|access denied)?",
    r"(?:(?:oops|sorry|whoops|error)[\s!,.:–-]*){0,2}(?:this |the |that |your )?(?:requested )?"
    r"(?:page|file|article|story|url|content)\b.{0,40}?\b(?:not (?:be )?found|no longer "
    r"(?:exists|available)|(?:does not|doesn['’]t) exist|(?:is )?(?:not available|unavailable)|"
    r"(?:been )?(?:re)?moved)",
    r".{0,20}\bwe (?:can['’]?t|cannot|could ?n['’]?t|could not) find (?:that|the|this|your) "
    r"page.{0,40}",
    r"not found|forbidden|access to this page has been denied.*|access denied(?:[^.]|\.(?!\s))*|"
    r"internal server error|"
    r"bad gateway|service (?:temporarily )?unavailable|gateway time-?out|too many requests|"
    r"request blocked|an error (?:has )?occurred|something went wrong|(?:site |we are )?(?:under|"
    r"down for) (?:maintenance|construction)",
    r"just a moment.*|attention required.*|checking your browser.*|(?:please )?verify(?:ing)? "
    r"(?:that )?you are (?:a )?(?:human|not a robot).*|are you a (?:robot|human)|pardon our "
    r"interruption.*|one more step|security check.*|human verification|(?:please |you need to )"
    r"(?:enable|turn on) (?:javascript|js|cookies)\b[^,]*|enable javascript and cookies.*|"
    r"javascript is "
    r"(?:disabled|required|not available).*",
    r"(?:hrm\W*)?the wayback machine has not archived that url.*|this url has been excluded from "
    r"the "
    r"wayback machine.*",
    r"(?:die |diese )?(?:angeforderte )?seite (?:(?:wurde )?(?:leider )?nicht gefunden|(?:gibt es|"
    r"existiert) (?:leider )?nicht(?: mehr)?)|(?:cette )?page (?:non trouvée|introuvable|"
    r"n['’]existe "
    r"p(?:as|lus))|página no encontrada|página não encontrada|pagina non trovata|pagina niet "
    r"gevonden|sidan (?:kunde inte hittas|hittades inte)|siden (?:ble ikke funnet|blev ikke fundet|"
    r"finnes ikke)|sivua ei löydy|nie znaleziono strony|страница не найдена|sayfa bulunamadı|"
    r"ページが見つかりません|页面不存在|找不到页面",
)
# What the text of an error says, of the page and not of the world.
_OF_ERROR = re.compile(
    r"\b(?:page|url|link|article|content|address|file|document|resource)s?,? (?:that |which "
    r")?you(?:"
    r"['’]re| are| were|['’]ve| have)? (?:look|request|follow|try|tried|click|want|enter|search)|"
    r"\b(?:the|this|that|your) (?:requested )?(?:page|url|file|resource|link|"
    r"address)\b.{0,60}\b(?:not "
    r"(?:be )?found|no longer|not exist|n['’]t exist|moved|removed|broken|unavailable|incorrect)\b|"
    r"\bon this server\b|\bpermission to (?:access|view)\b|\byour (?:browser|request|ip address|"
    r"connection) |\benable (?:javascript|js|cookies)\b|\bray id\b|\bcloudflare\b|\bnginx\b|"
    r"\bapache/|\b(?:go|return|back) to (?:the |our )?(?:home|front|start|main)[ -]?page\b|"
    r"\breference #|\bcaptcha\b|\bautomation tools\b|\bare (?:a )?human\b|\bthe server (?:is|"
    r"encountered|was|cannot)\b|\bgewünschte seite\b|\bstartseite\b|\bla page (?:que vous|"
    r"demandée)|"
    r"\bla página (?:que|solicitada)\b|\ba página que\b|\bla pagina (?:che|richiesta)\b|\bpagina "
    r"die u\b",
    re.I,
)
# What stands in place of an article, whatever it is called: a script that does not run, a block.
_BLOCKS = (
    r"(?:(?:we['’]re |we are )?sorry.{0,60})?(?:please|you (?:need|have) to|you must) (?:enable|"
    r"turn on|allow|activate) (?:javascript|js|cookies)\b[^,\"”]{0,100}",
    r"(?:this|our|the) (?:app|application|site|website|page|content)\b.{0,30}? (?:requires|needs) "
    r"(?:javascript|js|cookies)\b.{0,60}",
    r"(?:javascript|js) (?:is|must be|needs to be) (?:disabled|required|enabled|not "
    r"available)\b.{0,80}|(?:your|this) browser (?:does not|doesn['’]t) support javascript.{0,60}",
    r"enable (?:javascript|js|cookies)(?: and (?:javascript|js|cookies))? to (?:continue|run|view|"
    r"proceed)\b.{0,60}",
    r"(?:we['’]ve|we have)? ?(?:detected )?unusual (?:activity|traffic) (?:coming )?from your "
    r"(?:computer )?(?:network|device|ip address).{0,40}|our systems have detected unusual "
    r"traffic.{0,60}",
    r"(?:are you|confirm (?:that )?you are|verify (?:that )?you are|let us know you['’]re) "
    r"(?:a |not a )?(?:robot|human).{0,20}|.{0,60}click (?:the|on the) box below to .{0,60}robot",
    r"(?:access|request) (?:denied|blocked|forbidden)",
)
_WALL = (
    r"before you continue.*|(?:we (?:value|care about|respect) )?your privacy\b.{0,60}|cookies?"
    r"(?: and privacy)? (?:consent|notice|settings|preferences|policy)|privacy (?:settings|"
    r"preferences?|preference cent(?:er|re))|(?:we use|this (?:web)?site uses) cookies.{0,80}",
    r"(?:i )?(?:accept|agree|reject|allow|decline|deny)(?: (?:all|to all))?(?: cookies)?(?: "
    r"(?:and|&) "
    r"(?:continue|close))?|manage (?:options|preferences|choices|settings|cookies)|cookie settings|"
    r"alle akzeptieren|tout accepter|aceptar todo|accetta tutto|alles accepteren",
)
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|personal(?:ised|ized)?|privacy|tracking|partners|legitimate interests?|"
    r"identifiers|geolocation|accept all|reject all|einwilligung|datenschutz|consentement|"
    r"consentimiento|consenso|toestemming)\b",
    re.I,
)
_ADDRESSED = re.compile(
    r"\b(?:we|our|us|you|your|wir|unsere|sie|ihre|nous|vous|nos|vos|usted|sus|noi|u|uw)\b", re.I
)
# What such a page says besides.
_OF_BLOCK = re.compile(
    rf"{_OF_ERROR.pattern}|\b(?:block )?reference id\b|\bsupports? javascript\b|\bnot a robot\b|"
    r"\b(?:ad|content) blocker\b|\b(?:reload|refresh) (?:the|this) page\b",
    re.I,
)
_LOGIN = (
    r"(?:log|sign) ?in(?: (?:to|with) .{1,40})?|log ?on|anmelden|(?:se )?connecte[rz](?:-vous)?|"
    r"connexion|"
    r"iniciar sesión|accedi|inloggen|logga in|logg inn",
)
_PASSWORD = re.compile(r"\b(?:password|passwort|mot de passe|contraseña|senha|wachtwoord)\b", re.I)
_ROBOTS = re.compile(
    r"(?:user-agent|disallow|allow|sitemap|crawl-delay|host|noindex)\s*:.{0,300}|#.{0,300}", re.I
)
_LINK = re.compile(
    r"[-*+>\d.\s]*(?:\[[^\]\n]{0,300}\]\([^)\s]{1,1000}\)|<?https?://[^\s<>]{1,1000}>?)\W*"
)
_SENTENCE = re.compile(r"[.!?…。！？]+[\"'”’»)]*\s+")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)]*$")
# The site's name behind or before what a page is called.
_TAIL = re.compile(r"\s+[|–—·•»:-]{1,2}\s+")


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{'|'.join(patterns)})\W*", re.I)


_ERROR_HEAD, _WALL_LINE, _LOGIN_HEAD = _any_of(_ERRORS), _any_of(_WALL), _any_of(_LOGIN)
_BLOCK = _any_of(_BLOCKS)


def no_article(heads: Sequence[str], body: Sequence[str], lines: Sequence[str]) -> str | None:
    """Why what was read is no article, or None: "no article: error page".

    heads: what the page is called; body: the lines taken for its article; lines: all that is seen
    """
    heads = [part for head in [*heads, *lines[:HEAD_LINES]] for part in _parts(head)]
    if _is_error(heads, body) or _is_block(body or lines[:HEAD_LINES]):
        return "no article: error page"
    if _has_at_most(_LONGEST_WALL, lines) and _is_wall(heads, lines):
        return "no article: consent wall"
    named = any(map(_LOGIN_HEAD.fullmatch, heads)) and _has_at_most(_LONGEST_LOGIN, lines)
    if named and any(_PASSWORD.search(line[:_LONGEST]) for line in lines):
        return "no article: log-in page"
    return _listed(lines)


def is_front(headings: Sequence[str], links: Collection[str], lines: Sequence[str]) -> bool:
    """Whether a page is a list of other articles: headlines that are links, each with a teaser.

    links: the keys of the texts that are links; lines: what is seen of the page
    """
    if any(count_words(each) >= _HEADLINE_WORDS and key_of(each) not in links for each in headings):
        return False
    linked = {key[:_HEADLINE]: key for key in links if key.count(" ") >= _HEADLINE_WORDS - 1}
    headlines, above = 0, 2
    for line in lines:
        words, key = count_words(line[:1000]), key_of(line[:_LONGEST])
        headline = linked.get(key[:_HEADLINE])
        if headline and key.startswith(headline) and len(key) <= len(headline) + _BESIDE:
            headlines, above = headlines + 1, 0
        elif key in links:
            continue
        elif (
            words >= _HEADLINE_WORDS and _SENTENCE_END.search(line[-5:]) and not is_furniture(line)
        ):
            if words >= _PARAGRAPH or (words >= _SLOGAN and above > 1):
                return False
            above += 1
        else:
            above += 1
    return headlines >= _FEWEST_HEADLINES


def _parts(head: str) -> list[str]:
    """A head, and its parts around a site's name."""
    head = head[:_LONGEST]
    parts = _TAIL.split(head)[:3]
    return [head, *parts] if len(parts) > 1 else parts


def _has_at_most(words: int, lines: Sequence[str]) -> bool:
    """Whether the first lines of a page have no more words; most pages are longer at once."""
    return not has_more_words("\n".join(lines[:500])[:_LONGEST_BEGINNING], words)


def _is_error(heads: Sequence[str], body: Sequence[str]) -> bool:
    if not any(map(_ERROR_HEAD.fullmatch, heads)):
        return False
    if sum(map(count_words, body)) > _LONGEST_ERROR:
        return False
    first = [line[:_LONGEST] for line in body if count_words(line) > _NOTHING][:2]
    said = any(_OF_ERROR.search(line) or _ERROR_HEAD.fullmatch(line) for line in first)
    return said or not first


def _is_block(body: Sequence[str]) -> bool:
    """Whether a body is only the sentences of a script that does not run, or of a block."""
    if not body or not _has_at_most(_LONGEST_BLOCK, body[:50]):
        return False
    # What is no sentence above them is their headline.
    titled = not (_SENTENCE_END.search(body[0][-10:]) or _BLOCK.fullmatch(body[0][:_LONGEST]))
    sentences = [each for line in body[titled:] for each in _SENTENCE.split(line[:2000])]
    blocks = [each for each in sentences if _BLOCK.fullmatch(each[:_LONGEST])]
    about = [each for each in sentences if each in blocks or _OF_BLOCK.search(each)]
    said = [each for each in sentences if each in about or count_words(each) > 3]
    return bool(blocks) and sum(map(count_words, about)) >= _BLOCKING * sum(map(count_words, said))


def _is_wall(heads: Sequence[str], lines: Sequence[str]) -> bool:
    if not any(_WALL_LINE.fullmatch(line) for line in [*heads, *lines] if len(line) <= _LONGEST):
        return False
    sentences = [each for line in lines for each in _SENTENCE.split(line) if count_words(each) > 3]
    asking = [each for each in sentences if _CONSENT.search(each) and _ADDRESSED.search(each)]
    of = sum(map(count_words, sentences))
    return bool(of) and sum(map(count_words, asking)) >= _CONSENTING * of


def _listed(lines: Sequence[str]) -> str | None:
    for pattern, fewest, kind in (
        (_LINK, _FEWEST_LINKS, "list of links"),
        (_ROBOTS, _FEWEST_RULES, "robots.txt"),
    ):
        if len(lines) >= fewest and _mostly(pattern, lines):
            return f"no article: {kind}"
    return None


def _mostly(pattern: re.Pattern[str], lines: Sequence[str]) -> bool:
    """Whether nearly all lines match; of an article it is known after a few that they do not."""
    most = len(lines)
    for line in lines:
        if pattern.fullmatch(line.strip()[:2000]) is None:
            most -= 1
            if most < _ALONE * len(lines):
                return False
    return True
