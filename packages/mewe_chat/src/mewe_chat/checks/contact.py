"""Telephone numbers, e-mail and street addresses, names at other services: what lets somebody find a young person elsewhere.

Every expression here has bounded repetitions, so that a text takes a time in proportion to its length. Before an expression
looks at every place of a text, words are looked for without which it cannot find anything: most messages hold none of them.
"""

import re

from mewe_core.kit.message_checks import NOTHING, Draft, MessageCheck, Verdict, refused

from mewe_chat.checks import normal
from mewe_chat.checks.errors import ContactDetails

FEWEST_DIGITS, MOST_DIGITS = 7, 15
"""How many digits a telephone number has: fewer are those of helplines and emergencies, which anybody may name."""

_SURELY = 9
"""So many digits in a row are one also where they do not begin with 0 or +."""

_TOLD = {
    "0": "noll nul null zero nic nula oh",
    "1": "ett en one een eins uno ena un",
    "2": "tva two twee zwei due dve deux",
    "3": "tre three drie drei tri trois",
    "4": "fyra four vier quattro stiri quatre",
    "5": "fem five vijf funf fuenf cinque pet cinq",
    "6": "sex six zes sechs sei sest",
    "7": "sju seven zeven sieben sette sedem sept",
    "8": "atta eight acht otto osem huit",
    "9": "nio nine negen neun nove devet neuf",
}
_DIGIT = {word: digit for digit, words in _TOLD.items() for word in words.split()}

_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?![\d./-]\d)(?!\d)")
_TIME = re.compile(r"(?<![\d.:])(?:[01]?\d|2[0-3])[:.][0-5]\d(?![.:]?\d)")
_MADE_BY_A_MACHINE = re.compile(r"\b(?=\d{0,40}[a-f])[0-9a-f]{20,64}\b")
"""Hexadecimal digits as of an id: a telephone number has no letters among its digits."""

_FRACTION = re.compile(r"(?<![\d.+])(?:0|[1-9]\d?)[.,]\d{3,30}(?![.\d])")
_UP = "".join(map(str, range(31)))
_DOWN = "".join(map(str, range(30, -1, -1)))
_PIECE = re.compile(r"\+|\d{1,20}|[a-z]{2,8}")
_BETWEEN = re.compile(r"[ .\-–—/()_,|*~·:]{0,4}")
_FREE = {"": ("0800", "00800"), "SE": ("020",), "IT": ("800", "1"), "GB": ("0808",)}
"""How numbers begin that cost nothing to call, as helplines have."""

_AT = ("@", "(at)", "[at]", "{at}", "(a)")
_AT_TOLD = "snabel-a|snabela|chiocciola|afna|klammeraffe|arobase"
_MAILERS = "gmail|hotmail|outlook|icloud|yahoo|proton|protonmail|gmx|live"
_MAIL = re.compile(
    rf"[\w.+-]{{1,64}}\s{{0,2}}(?:{'|'.join(map(re.escape, _AT))}|\b(?:{_AT_TOLD})\b)"
    r"\s{0,2}[\w-]{1,63}\s{0,2}(?:\.|\bdot\b|\bpunkt\b|\bpunt\b|\bpunto\b|\bpika\b|\bpoint\b|\(dot\))\s{0,2}[a-z]{2,10}\b"
)
_MAIL_SPOKEN = re.compile(
    rf"\b(?:at|a|@)\s{{1,2}}(?:{_MAILERS})\b"
    r"|\b(?:gmail|hotmail|outlook|icloud|yahoo|protonmail)\s{0,2}(?:\.|dot|punkt|punt|punto|pika|point)\s{0,2}(?:com|se|nl|it|de|fr|si)\b"
)

_APPS = (
    "snap|snapchat|snapen|sc|insta|instagram|instan|ig|tiktok|disc|discord|whatsapp|telegram|signal|kik|facebook|fb|messenger|"
    "roblox|steam|yubo|wickr|skype|vsco|bereal|twitch|youtube|psn|xbox|gamertag"
)
_APP = rf"(?:{_APPS}|tik\stok|whats\sapp)"
_HANDLE = r"(?=[\w.]{0,30}[a-z])[\w.]{3,31}"
_MARKED = r"(?=[\w.]{0,30}[a-z])(?=[\w.]{0,30}[\d_]|\w{1,29}\.\w)[\w.]{3,31}"
_NO_NAME = (
    r"(?!(?:not|down|broken|private|dead|gone|full|blocked|boring|better|great|good|bad|ok|okay|fun|nice|the|a|an|so|my|on|is|also|"
    r"inte|nere|trasig|trasigt|privat|borta|borttaget|hackat|hackad|full|bast|bra|kul|trakigt|trakig|saker|kass|samma|ju|sa|"
    r"och|men|for|kaputt|weg|niet|stuk|kapot|leuk|nicht|langweilig|doof|rotto|non|pas|nul|super)\b)"
)
_IS = r"(?:is|ar|heter|ist|e|je|est)"
_IN_BETWEEN = rf"(?:{_IS}|name|namn|nick|id|user(?:name)?|konto|account|there|dar)"
_MY = r"(?:my|min|mitt|mijn|mein|meine|il mio|moj|mon)"
_NAMED = re.compile(
    rf"\b{_APP}\b\s{{0,2}}(?:[:=@]|->|→|ar:|is:)\s{{0,2}}@?{_HANDLE}"
    rf"|\b{_APP}\b(?:\s{{1,2}}{_IN_BETWEEN}){{0,3}}\s{{1,2}}@?{_MARKED}"
    rf"|\b{_MY}\s{{1,2}}{_APP}\s{{1,2}}(?:name\s{{1,2}}|namn\s{{1,2}})?{_IS}\s{{1,2}}@?{_NO_NAME}{_HANDLE}\s{{0,3}}(?:$|[.!?])"
    rf"|\b{_MARKED}\s{{1,2}}(?:on|pa|op|auf|su|na|sur)\s{{1,2}}(?:min |my )?{_APP}\b"
    rf"|(?<![\w.@])@{_MARKED}"
    r"|\b\w{2,32}#\d{4}\b"
)

_NUMBER = r"\d{1,4}(?:\s?[a-h])?\b"
_BEHIND_NAMES = (
    "gatan|vagen|grand|stigen|torget|allen|backen|vag|straat|laan|plein|gracht|kade|dijk|steeg|strasse|str[.]|gasse|platz|allee|"
    "weg"
)
_VIA = "via|viale|piazza|corso|vicolo|largo"
_ULICA = "ulica|ulici|cesta|cesti|trg|trgu"
_ROAD = "street|road|avenue|lane|drive|close|court|crescent|terrace|gardens"
_RUE = "rue|avenue|boulevard|chemin|route|place|impasse|allee"
_STREETS = frozenset("|".join((_BEHIND_NAMES, _VIA, _ULICA, _ROAD, _RUE)).replace("[.]", ".").split("|"))
_STREET = re.compile(
    rf"\b[a-z]{{2,30}}(?:{_BEHIND_NAMES})\s{{1,2}}{_NUMBER}"
    rf"|\b(?:{_VIA})(?:\s{{1,2}}[a-z.]{{2,20}}){{1,4}},?\s{{1,2}}(?:n\.?\s{{0,2}})?{_NUMBER}"
    rf"|\b[a-z]{{2,30}}(?:\s{{1,2}}[a-z]{{2,20}}){{0,2}}\s{{1,2}}(?:{_ULICA})\s{{1,2}}{_NUMBER}"
    rf"|\b(?:ulica|cesta|trg)(?:\s{{1,2}}[a-z.]{{2,20}}){{1,4}}\s{{1,2}}{_NUMBER}"
    rf"|\b\d{{1,4}}[a-h]?,?\s{{1,2}}(?:[a-z]{{2,20}}\s{{1,2}}){{1,3}}(?:{_ROAD})\b"
    rf"|\b\d{{1,4}}(?:\s?bis)?,?\s{{1,2}}(?:{_RUE})\s{{1,2}}[a-z]{{2,20}}"
)

_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d")
_MAY_MAIL = (*_AT, *_AT_TOLD.split("|"), *_MAILERS.split("|"))
_MAY_NAME = frozenset((*_APPS.split("|"), "tik", "whats"))


def look(draft: Draft) -> Verdict:
    """Whether a draft holds contact details."""
    return refused(ContactDetails) if has_contact_details(draft.text, draft.country) else NOTHING


CHECK = MessageCheck(name="contact-details", order=20, package="mewe_chat", look=look, quick=True)


def has_contact_details(text: str, country: str) -> bool:
    """Whether a text holds a telephone number, an e-mail or street address, or a name at another service."""
    plain = normal.folded(text)
    return _has_number(plain, country) or _has_mail(plain) or _has_name(plain) or _has_street(plain)


def _has_mail(plain: str) -> bool:
    return any(one in plain for one in _MAY_MAIL) and bool(_MAIL.search(plain) or _MAIL_SPOKEN.search(plain))


def _has_name(plain: str) -> bool:
    may = "@" in plain or "#" in plain or not _MAY_NAME.isdisjoint(_WORD.findall(plain))
    return may and _NAMED.search(plain) is not None


def _has_street(plain: str) -> bool:
    may = _FIGURE.search(plain) is not None and any(one in plain for one in _STREETS)
    return may and _STREET.search(plain) is not None


def _has_number(plain: str, country: str) -> bool:
    plain = _MADE_BY_A_MACHINE.sub(" x ", plain)
    if _most_digits(plain) < FEWEST_DIGITS:
        return False
    for digits in _runs(_without(plain, _DATE, _TIME, _FRACTION)):
        begins = digits.startswith(("+", "0"))
        bare = digits.removeprefix("+")
        if not FEWEST_DIGITS <= len(bare) <= MOST_DIGITS or (not begins and len(bare) < _SURELY):
            continue
        if any(digits.startswith(free) for free in (*_FREE[""], *_FREE.get(country, ()))):
            continue
        if not set(bare[1:]) - {"0"} or _counts(bare):
            continue
        return True
    return False


def _most_digits(plain: str) -> int:
    """How many digits there are in a text, in figures and words together."""
    return sum(len(one) if one.isdigit() else one in _DIGIT for one in _PIECE.findall(plain))


def _without(plain: str, *expressions: re.Pattern[str]) -> str:
    """What is left of a text without numbers that are something else."""
    for one in expressions:
        plain = one.sub(" x ", plain)
    return plain


def _runs(plain: str) -> list[str]:
    """Digits that stand in a row, as figures or as words, with no more than a few signs between them."""
    runs, run, end = list[str](), "", -1
    for piece in _PIECE.finditer(plain):
        said = piece.group()
        digits = said if said == "+" or said.isdigit() else _DIGIT.get(said, "")
        if not digits:
            continue
        gap = plain[end : piece.start()] if end >= 0 else "?"
        if run and len(gap) <= 4 and _BETWEEN.fullmatch(gap) and digits != "+":
            run += digits
        else:
            runs.append(run)
            run = digits
        end = piece.end()
    return [one for one in (*runs, run) if one]


def _counts(digits: str) -> bool:
    """Whether somebody counts: 1 2 3 4 ... or down."""
    return digits in _UP or digits in _DOWN
