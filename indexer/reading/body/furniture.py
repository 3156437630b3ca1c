"""What news pages print around an article: lines that are never its text, and lines that end it.

One pattern a row, matched against a whole line, case folded, punctuation around it ignored.
"""

import re

from indexer.day_words import MONTH_NAMES, MONTHS, WEEKDAYS

# After one of these, if most of the prose stands above it, nothing of the article follows.
_TAIL = (
    r"(?:leave|post|add|write) a (?:comment|reply)",
    r"join the (?:conversation|discussion)",
    r"comments?(?: \(\d+\))?|\d+ comments?|no comments?(?: yet)?",
    r"(?:legal )?disclaimer|legal notice|disclosure",
    r"read (?:the )?(?:entire|full|original) (?:article|story)",
    r"(?:more|other|latest|top|popular|trending|recent) (?:articles|stories|news|posts)",
    r"most (?:read|popular|viewed|shared|commented)",
    r"(?:related|recommended|read next|up next|see also|read also|also read|don[’']t miss)"
    r"(?: (?:articles?|stories|news|posts|topics|content|links|coverage|reading))?",
    r"you (?:may|might) also (?:like|be interested in)|more from .{1,40}|more on this(?: \w+)?",
    r"about the author",
    r"(?:tags?|topics?|filed under)(?: ?:.*)?",
    r"share this(?: article| story)?",
    r"sign up (?:for|to) .{1,80}|subscribe(?: now| today)?|newsletter",
    r"(?:©|copyright|\(c\)).*|all rights reserved.*",
)
# Those after which an article never goes on: what readers write, or the publisher's small print.
_END = (
    *_TAIL[:4],
    r"about the author",
    _TAIL[-1],
    r"your email address will not be published.*",
)
# What the buttons of a player are called.
_PLAYER = (
    r"(?:play|pause|video|mute|unmute|fullscreen|captions|current time|duration|loaded|remaining "
    r"time|"
    r"stream type|playback rate|picture-in-picture|seek to live|live|chapters|descriptions|off|"
    r"\d+x?)"
)
# Never the article's, wherever it stands.
_FURNITURE = (
    r"advertisement|advertising|sponsored(?: content)?",
    r"(?:share(?: on)?\s?)?(?:(?:facebook|twitter|x|whatsapp|linkedin|reddit|e-?mail|pinterest|"
    r"telegram|tweet|pin(?: it)?|print|save|share|copy link|listen)\s?)+",
    r"follow us.*|home|menu|search|log ?in|sign (?:in|up)|register|subscribe.*",
    r"skip to (?:main )?content|close|loading.*|(?:back|return) to (?:the )?(?:top|home ?page|"
    r"front ?page|"
    r"home|main page|index|section|contents)",
    r"video player is loading.*|this is a modal window.*|(?:play|mute|unmute|current time|duration|"
    rf"loaded)(?:\W+{_PLAYER})+|(?:play|pause|mute|unmute|fullscreen|play video|current time "
    rf"[\d:]+|"
    r"duration [\d:]+|loaded\W+[\d.]+%?|remaining time\W+[\d:]+|stream type live|descriptions off)",
    r"(?:sign up|subscribe|register)\b.{0,60}\b(?:newsletters?|briefing|inbox|e-?mail|alerts?)\b.*",
    r"(?:story|article) continues (?:below|after).*|continue reading.*",
    r"(?:click|tap) here.*|read more.*",
    r"(?:read|see|watch|listen|related|also)(?: more| also| next| on)?\s?:.{0,160}",
    r"(?:photo|image|picture|video)s?(?: (?:credit|by|courtesy|source|via))?\s?[:/].{0,120}",
    r"(?:file|handout) (?:photo|image)\b.{0,100}",
    r"\d+ min(?:ute)?s? read|reading time.{0,20}|est\. reading.*|\d+ (?:shares?|views?)",
    r"we value your privacy\b.*|report (?:a|an) (?:problem|error|issue|mistake|typo)\b.{0,60}",
    r"(?:this (?:site|website)|we|our (?:site|partners))\b.{0,40}\bcookies?\b.*",
    r"accept(?: all)?(?: cookies)?",
    r"(?:please )?(?:enter|write|type) your .{1,60}|you have \d+ characters left.*|name|website",
    r"your email address will not be published.*|the recaptcha .{1,80}",
    r"get (?:the|our) .{1,60} (?:newsletter|inbox|app)\b.*|.{0,200}unsubscribe\b.*",
    r"(?:like|enjoyed) this (?:story|article)\?.*|.{0,10}(?:bet|gamble) responsibly.*",
)
# What a paywall says: however much like prose it looks, it is dropped.
_PITCH = (
    r"you(?:['’]ve| have) (?:\w+ )?(?:read|reached|used|viewed|hit|exceeded|run out of)\b.{0,60}"
    r"\b(?:free|complimentary|monthly|remaining)\b.{0,30}\b(?:articles?|stor(?:y|ies)|limit|reads?|"
    r"views?|quota)\b.*",
    r"you have \w+ (?:free |complimentary )?(?:articles?|stories) (?:left|remaining).*",
    r"(?:this is your last|that was your last|your last) free (?:article|story).*",
    r"(?:subscribe|sign up|register|log in|sign in|join|become a (?:subscriber|member))"
    r"(?: now| today| here)? (?:to|and) (?:keep|continue|read|unlock|finish|get (?:full|"
    r"unlimited))\b.*",
    r"(?:to|want to) (?:continue|keep|read|finish|unlock|view)\b.{0,60}\b(?:subscribe|subscription|"
    r"log in|sign in|register|create (?:a|an|your))\b.*",
    r"(?:already|are you|not(?: yet)?) an? (?:\w+ )?(?:subscriber|member)\b.{0,80}|already "
    r"(?:subscribed|"
    r"registered|have an account)\b.{0,80}",
    r"(?:this|the (?:full|rest of (?:the|this)|complete))(?: \w+)? ?(?:article|story|content|"
    r"page|report) "
    r"is (?:only |exclusively |reserved )*(?:available |open )?(?:for|to) (?:our |paying |"
    r"registered )*"
    r"(?:subscribers|members|readers with)\b.*",
    r"(?:unlimited|full|digital)(?: digital)? access\b.{0,100}|(?:get|enjoy|unlock) (?:full|"
    r"unlimited|"
    r"digital)\b.{0,20} access\b.*",
    r"(?:start|begin|try|activate|choose) (?:your|a) (?:\S+ ){0,3}(?:trial|subscription|"
    r"plan)\b.{0,100}",
    r"cancel (?:at )?any ?time.{0,60}|(?:subscribers?|members?)[ -](?:only|exclusive)(?: content|"
    r" article)?",
    r"(?:keep|continue) reading (?:for|with|by|this|the|your)\b.*",
    r"(?:sie haben|du hast) .{0,40}\b(?:gratis|kostenlose|freie)\w*.{0,20}artikel.*|(?:dieser|"
    r"diesen) "
    r"artikel .{0,60}\babonn?ent.*|(?:jetzt|bereits|schon) abonn?(?:ent|ieren|iert)\b.{0,80}",
    r"(?:cet article|la suite|ce contenu).{0,20}réservé.{0,10} aux abonnés.*|déjà abonné.{0,80}|"
    r"il vous "
    r"reste \d.{0,40} à lire.*",
    r"(?:este artículo|este contenido|contenido).{0,20}(?:exclusivo|solo) para suscriptores.*|"
    r"¿?ya eres "
    r"suscriptor.{0,80}|has (?:leído|alcanzado).{0,60}artículos.*",
    r"dit artikel is (?:alleen|exclusief) voor abonnees.*|(?:ben je )?al abonnee.{0,60}|conteúdo "
    r"exclusivo para assinantes.*|já é assinante.{0,60}|contenuto riservato agli abbonati.*|sei "
    r"già "
    r"abbonato.{0,60}",
)
_DAY_NAMES = " ".join([*WEEKDAYS, *MONTHS, *MONTH_NAMES])
# Words that tell what a line is for, English first; each list is one feature of a line, and a word
# in two lists counts in the first. The last lists hold the commonest words of some languages: menus
# have few of them, sentences many.
WORD_LISTS = {
    # The weights in line_model.json were trained without "novembro".
    "month": f"{_DAY_NAMES.replace(' novembro', '')} am pm est edt gmt utc",
    "ago": "ago hour hours hr hrs minute minutes min mins second seconds updated published posted "
    "publicado atualizado aktualisiert",
    "by": "by author written editor reporter correspondent por von par staff contributor",
    "reply": "reply replies said says wrote comment comments commented like likes dislike report "
    "flag upvote permalink quote joined member posts post register registered reader readers "
    "responder comentário comentários commentaires kommentare",
    "reader": "i im my me myself lol thanks thank please eu meu ich mein je mon yo mi",
    "you": "you your yours você sie ihr vous votre usted tu su",
    "frame": """cookie cookies privacy policy terms newsletter newsletters subscribe subscriber
        subscribers subscription sign signup login log account email password copyright
        rights reserved advertisement advertise advertising advertiser sponsored browser javascript
        disclaimer contact us about careers faq help sitemap app android ios download follow
        facebook twitter instagram linkedin youtube pinterest whatsapp telegram rss reddit tumblr
        share tweet print accept consent settings search menu home skip close loading submit
        required trademark inc llc ltd permission redistributed unsubscribe inbox delivered free
        trial membership donate""",
    "more": """related more read next previous latest trending popular recommended most top
        stories story articles also see watch video videos gallery photos slideshow podcast
        categories category tags tag topics archives recent continue click here full view all
        show load leia mais veja também artigos relacionados mehr weitere lire aussi voir leer más
        noticias""",
    "credit": """photo photos image images picture pictured credit courtesy getty reuters afp ap
        caption source screenshot file via shutterstock foto bild imagem crédito""",
    "english": """the a an and or but of to in on at for with from as is are was were be been has
        have had it its this that these those he she they we his her their our not no will would
        can could who which what when where how there than then so if into after over up out all
        one do did does because while before during between under against through just only other
        some any such""",
    "latin": """de la el los las un una y en que para se del al es lo como o le les des du et est
        dans une pour sur au avec ce qui ne pas il elle son plus os da do em um uma não na com e
        di per non si è della che sono""",
    "german": """der die das und ist den zu mit sich auf für nicht ein eine dem im auch des wird
        werden hat het een van dat niet zijn och att som på det av""",
}
# An agency's article code, "MENAFN13072025000045017169ID1109793436".
_CODE = re.compile(r"^\W*[A-Z]{4,}\d{8,}\w*\W*$")


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # Lines are case-folded first: unlike with re.I, a first letter then rules out most patterns.
    return re.compile(rf"^\W*(?:{'|'.join(patterns)})\W*$")


_TAIL_LINE = _any_of(_TAIL)
_END_LINE = _any_of(_END)
_FURNITURE_LINE = _any_of(_FURNITURE)
# Not in quotation marks: then somebody says it.
_PITCH_LINE = re.compile(rf"^[^\w\"“„«‘']*(?:{'|'.join(_PITCH)})$")
_CELL_GAP = re.compile(r"\s(?:\s\s+|[|•·›»/]\s|(?<=\t))")
# No furniture is longer; a regular expression never sees a line of a megabyte.
_LONGEST = 400


def ends_article(line: str) -> bool:
    """Whether a line begins the page's tail: comments, disclaimers, related links."""
    return len(line) <= _LONGEST and _TAIL_LINE.match(line.casefold()) is not None


def ends_page(line: str) -> bool:
    """Whether the readers' part or the small print begins, after which no article goes on."""
    return len(line) <= _LONGEST and _END_LINE.match(line.casefold()) is not None


def is_furniture(line: str) -> bool:
    """Whether a line is part of the page around the article: buttons, credits, forms, menus."""
    return len(line) <= _LONGEST and (
        _FURNITURE_LINE.match(line.casefold()) is not None
        or is_pitch(line)
        or _CODE.match(line) is not None
        or is_menu(line)
    )


def is_pitch(line: str) -> bool:
    """Whether a line asks to subscribe, in place of what a paywall hides: never the article's."""
    return len(line) <= _LONGEST and _PITCH_LINE.match(line.casefold()) is not None


def is_menu(line: str) -> bool:
    """Whether a line is section names in a row: many cells between wide gaps or bars, all short."""
    if len(line) > _LONGEST:
        return False
    cells = [cell for cell in _CELL_GAP.split(line.strip(" |•·")) if cell.strip()]
    return len(cells) >= 4 and all(len(cell.split()) <= 3 for cell in cells)
