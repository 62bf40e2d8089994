"""Links: to the sites that a deployment names, and to no others."""

import re

from mewe_core.kit.message_checks import NOTHING, Draft, MessageCheck, Verdict, refused

from mewe_chat.checks import normal
from mewe_chat.checks.errors import LinkNotAllowed

_ENDS = (
    "com|org|net|edu|gov|info|biz|eu|se|nu|nl|be|it|si|de|at|ch|fr|uk|ie|no|dk|fi|pl|es|pt|io|gg|app|dev|me|tv|ly|co|to|cc|xyz|link|"
    "site|online|page|chat|live|club|top|ru|cn|us|ca|au|be"
)
_LINK = re.compile(
    r"(?:\b(?:https?|ftp|hxxps?)\s?:\s?/\s?/\s?|\bwww\s?\.\s?)(?:[^\s/@]{1,64}@)?([\w.-]{1,253})"
    rf"|(?<![\w@.-])((?:[\w-]{{1,63}}\.){{1,4}}(?:{_ENDS}))(?![\w-])(?!\.\w)"
    rf"|\b([\w-]{{2,63}})\s?(?:\(dot\)|\[dot\]|\[\.\]|\(\.\)|\bdot\b|\(punkt\)|\bpunkt\b)\s?({_ENDS})\b"
    r"|\b(\d{1,3}(?:\.\d{1,3}){3}):\d{2,5}\b"
)
_MAY_LINK = ("http", "ftp", "hxxp", "www", "dot", "punkt", "[.]", "(.)")
_DOTTED = re.compile(r"\.\w")


def look(draft: Draft) -> Verdict:
    """Whether a draft holds a link to a site that is not allowed."""
    return refused(LinkNotAllowed) if any(not _allowed(one, draft.sites) for one in hosts(draft.text)) else NOTHING


CHECK = MessageCheck(name="links", order=30, package="mewe_chat", look=look, quick=True)


def hosts(text: str) -> list[str]:
    """The hosts that a text names, in any of the ways that links are written."""
    plain, found = normal.folded(text), list[str]()
    if _DOTTED.search(plain) is None and not any(one in plain for one in _MAY_LINK):
        return found
    for link in _LINK.finditer(plain):
        whole, bare, label, end, number = link.groups()
        found.append((whole or bare or number or f"{label}.{end}").strip(".").removeprefix("www."))
    return found


def _allowed(host: str, sites: tuple[str, ...]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)
