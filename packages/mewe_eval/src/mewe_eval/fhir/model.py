"""What is said of FHIR here: its releases, what can differ (a closed list), and whom a response is of."""

import re
from enum import StrEnum

import attrs
from attrs import field, frozen
from mewe_core.kit.checks import text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.faults import PluginFault


class Release(StrEnum):
    """A release of FHIR. R4B reads what was written for R4."""

    R4B = "R4B"
    R5 = "R5"

    @property
    def choice(self) -> str:
        """What the release calls an item that is answered by one of some options."""
        return "choice" if self is Release.R4B else "coding"


class Status(StrEnum):
    """How far a response is: the codes of FHIR's QuestionnaireResponse.status, the same in both releases."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"


class Reason(StrEnum):
    """In what way a document of FHIR is not what is wanted. ``docs/fhir.md`` has a row for each."""

    NOT_JSON = "NOT_JSON"
    """The bytes are no JSON document, too many, nested too deeply, or name a key twice."""
    OTHER_RESOURCE = "OTHER_RESOURCE"
    """It is another resource than the one asked for, or none."""
    STRUCTURE = "STRUCTURE"
    """An element is not known, missing, or of another kind than its release of FHIR says."""
    ADDRESS = "ADDRESS"
    """What canonical addresses are to begin with is no address."""
    LICENCE = "LICENCE"
    """The text may not be shown: there is no licence record, it has expired, or it is for another language."""
    REFUSED = "REFUSED"
    """The instrument must not be here in any form."""
    NO_TEXTS = "NO_TEXTS"
    """There is no text, or not in that language."""
    NOT_A_TEXT = "NOT_A_TEXT"
    """A text holds characters that a text of FHIR must not hold."""
    NO_LANGUAGE = "NO_LANGUAGE"
    """A questionnaire does not say in which language it is."""
    OTHER_TYPE = "OTHER_TYPE"
    """An item is answered in a way that an instrument has no words for; it is left out."""
    NOT_KEPT = "NOT_KEPT"
    """An instrument has no words for this part of an item, such as a condition; the item is kept without it."""
    NO_OPTIONS = "NO_OPTIONS"
    """The options of an item are not in the file."""
    NO_WEIGHTS = "NO_WEIGHTS"
    """Options have no usable weights: none, no whole numbers, one of them twice, or two that contradict each other."""
    ITEM_MISSING = "ITEM_MISSING"
    """The instrument has an item that the questionnaire does not have."""
    UNKNOWN_LINK = "UNKNOWN_LINK"
    """A linkId is none of the instrument's."""
    OTHER_OPTIONS = "OTHER_OPTIONS"
    """The options of an item are not those of the instrument."""
    OTHER_WEIGHT = "OTHER_WEIGHT"
    """A weight contradicts the option that it stands at. It is not believed."""
    OTHER_TEXT = "OTHER_TEXT"
    """A text is not the instrument's in that language, or not the one that a hash is of."""
    NO_QUESTIONNAIRE = "NO_QUESTIONNAIRE"
    """A response does not say which questionnaire it answers."""
    OTHER_QUESTIONNAIRE = "OTHER_QUESTIONNAIRE"
    """A response answers another questionnaire."""
    NO_VERSION = "NO_VERSION"
    """A response to one of our questionnaires does not say which version."""
    OTHER_VERSION = "OTHER_VERSION"
    """It is about another version of the instrument."""
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    """Whoever made the response has taken it back."""
    UNFINISHED = "UNFINISHED"
    """The response is still in progress."""
    TWICE = "TWICE"
    """An item is there twice, or has several answers; none of them is kept."""
    NOT_AN_OPTION = "NOT_AN_OPTION"
    """An answer is none of the options."""
    OTHER_SYSTEM = "OTHER_SYSTEM"
    """An answer has the code of an option, of a code system that is not known; it is taken."""
    TOTAL = "TOTAL"
    """A total that was stored is not the one that the answers give."""
    NOT_A_TIME = "NOT_A_TIME"
    """When a response was authored is not said to the second, with its offset from UTC."""

    @property
    def bars_score(self) -> bool:
        """Whether answers are not scored at all where this is so."""
        return self in _BARRING


_BARRING = frozenset(
    {
        Reason.NOT_JSON,
        Reason.OTHER_RESOURCE,
        Reason.OTHER_QUESTIONNAIRE,
        Reason.OTHER_VERSION,
        Reason.ENTERED_IN_ERROR,
    }
)


@frozen
class Difference:
    """One thing that is not as it should be: at which linkId (empty: the whole document, or an element named in ``problem``).

    It holds no answer. ``allowed``: what would be right.
    """

    reason: Reason
    link_id: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        return f"{shown(self.link_id) or 'document'}: {self.problem}; allowed: {self.allowed}"


class FhirFault(PluginFault):
    """A document cannot be written or read; the message has a line for each difference, ``differences`` has them one by one."""

    def __init__(self, *differences: Difference) -> None:
        super().__init__("\n".join(map(str, differences)))
        self.differences = differences


class ExtraMissing(PluginFault):
    """What checks the structure of FHIR is not installed; the message says which extra to install."""


def _line(_: object, attribute: "attrs.Attribute[str]", value: str) -> None:
    if value != value.strip() or any(one in value for one in "\r\n\t"):
        raise Invalid(Field(attribute.name, "one line without blanks around it"))


@frozen(kw_only=True)
class Pseudonym:
    """Whom a response is of: an identifier that only whoever gave it can take back to a person.

    ``system``: the address of who gave it; ``value``: up to 200 characters in one line. Neither is ever a name or a number that
    the state gave.
    """

    system: str = field(validator=[text(200), _line])
    value: str = field(validator=[text(200), _line])


def canonical(base: str, kind: str, name: str) -> str:
    """The canonical address of a thing of ours below ``base``, such as ``https://example.org/fhir``.

    Raises FhirFault if ``base`` is no address: http, https or urn, without a slash at its end.
    """
    if not _BASE.fullmatch(base) or base.endswith("/"):
        raise FhirFault(
            Difference(
                Reason.ADDRESS, "", "this is no address", 'an address such as "https://example.org/fhir", no slash at its end'
            )
        )
    return f"{base}/{kind}/{name}"


def escaped(name: str) -> str:
    """A name as a part of an address: all but ASCII letters, digits, hyphens and underscores as %XX of its UTF-8."""
    return "".join(
        one if re.fullmatch(r"[A-Za-z0-9_-]", one) else "".join(f"%{byte:02X}" for byte in one.encode()) for one in name
    )


def unescaped(name: str) -> str:
    """The name that ``escaped`` made a part of an address of; what it did not make stays as it is."""
    raw = re.sub(rb"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), name.encode())
    return raw.decode(errors="replace")


def shown(said: str) -> str:
    """A text from elsewhere in a line of a message: at most 80 characters, none of them a control character."""
    plain = "".join(one if one.isprintable() else "?" for one in said)
    return plain if len(plain) <= 80 else f"{plain[:77]}..."


_BASE = re.compile(r"(https?://|urn:)[A-Za-z0-9._~:/%@!$&'()*+,;=-]+")
