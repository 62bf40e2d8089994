"""What is asked and answered: the requests and answers of ``mewe.eval.v1``."""

from enum import StrEnum

from attrs import field, frozen
from mewe_core.kit.checks import between, few, given, identifier, language_tag, text
from whenever import Instant

MOST_ANSWERS = 200
"""The most answers that one request may bring: an instrument has no more items."""

HIGHEST_ANSWER = 1000
"""No answer counts more, and none less than 0; which ones a question allows is for its instrument to say."""


@frozen
class ListFormsRequest:
    """One's own forms that can be answered now."""

    page_size: int = 0
    page_token: str = ""
    language: str = field(default="", validator=language_tag)


@frozen
class FormToAnswer:
    """A form that can be answered; ``answered``: how many of its questions are answered or skipped."""

    form_id: str
    group_id: str
    study_title: str
    wave_title: str
    title: str
    questions: int
    answered: int
    close_time: Instant


@frozen
class ListFormsResponse:
    """A page of them."""

    forms: tuple[FormToAnswer, ...]
    next_page_token: str = ""


@frozen
class ListGroupFormsRequest:
    """The forms of a group's participants that can be answered now."""

    group_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""
    language: str = field(default="", validator=language_tag)


@frozen
class GroupForm:
    """A form of a participant, as their leaders see it."""

    form_id: str
    person_id: str
    wave_title: str
    title: str
    finished: bool
    close_time: Instant


@frozen
class ListGroupFormsResponse:
    """A page of them."""

    forms: tuple[GroupForm, ...]
    next_page_token: str = ""


@frozen
class GetFormRequest:
    """A form with its words."""

    form_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)


@frozen
class Choice:
    """One answer that can be chosen."""

    value: int
    text: str


@frozen
class Question:
    """One question; ``value``: what was answered so far."""

    item: str
    text: str
    choices: tuple[Choice, ...]
    value: int | None = None
    skipped: bool = False


@frozen
class Form:
    """A form with its words. ``wording``: their SHA-256; ``before``: what to know ahead of the first question."""

    form_id: str
    language: str
    wording: str
    title: str
    before: tuple[str, ...]
    instruction: str
    questions: tuple[Question, ...]
    finished: bool


@frozen
class Answer:
    """The answer to one question; without a value, it was skipped."""

    item: str = field(validator=text(40))
    value: int | None = field(default=None, repr=False, validator=given(between(0, HIGHEST_ANSWER)))


@frozen
class PutAnswersRequest:
    """Answers to some questions of a form; ``finish``: that is all."""

    request_id: str = field(validator=identifier)
    form_id: str = field(validator=identifier)
    language: str = field(validator=language_tag)
    wording: str = field(validator=identifier)
    answers: tuple[Answer, ...] = field(default=(), validator=few(MOST_ANSWERS))
    finish: bool = False


@frozen
class AnswerRefused:
    """An answer that was not kept, and what is allowed."""

    item: str
    allowed: str


@frozen
class PutAnswersResponse:
    """Where the form stands now."""

    answered: int
    finished: bool
    show_help: bool = False
    refused: tuple[AnswerRefused, ...] = ()


@frozen
class OpenReportedAnswerRequest:
    """An answer that somebody has to look at."""

    request_id: str = field(validator=identifier)
    report_id: str = field(validator=identifier)


@frozen
class ReportedAnswer:
    """What was asked and answered, in the words that were shown."""

    report_id: str
    person_id: str
    question: str = field(repr=False)
    answer: str = field(repr=False)
    title: str
    report_time: Instant
    typed_in: bool


class ExportPurpose(StrEnum):
    """What answers are wanted for. ``EVALUATION``: of those who consent to it; ``RESEARCH``: who consent to that as well."""

    EVALUATION = "evaluation"
    RESEARCH = "research"


@frozen
class AssignArmRequest:
    """Draw the arm of a group, or of one participant of it."""

    request_id: str = field(validator=identifier)
    study_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    person_id: str = ""


@frozen
class Assignment:
    """One draw. ``before``: the hash of the draw before it, or the commitment; ``sha256``: its own."""

    number: int
    stratum: str
    unit_id: str
    arm: str
    assign_time: Instant
    before: str
    sha256: str


@frozen
class ListAssignmentsRequest:
    """The log of a study's draws."""

    study_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListAssignmentsResponse:
    """A page of it, with the hash of the secret; with the secret once drawing has ended."""

    assignments: tuple[Assignment, ...]
    commitment: str
    study_version: int
    secret: str = ""
    next_page_token: str = ""


@frozen
class EndDrawingRequest:
    """No arm of this study is drawn any more."""

    request_id: str = field(validator=identifier)
    study_id: str = field(validator=identifier)


@frozen
class EndDrawingResponse:
    """It has ended."""


@frozen
class GetStudyFileRequest:
    """The file of a study, of one organisation."""

    study_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    purpose: ExportPurpose
    page_size: int = 0
    page_token: str = ""
    language: str = field(default="", validator=language_tag)


@frozen
class GetStudyFileResponse:
    """Lines of CSV; the first page begins with the names of the columns, and has the codebook."""

    rows: bytes = field(repr=False)
    codebook: bytes = b""
    next_page_token: str = ""


class ReportForm(StrEnum):
    """How a report can be had. ``PAGE``: one file of HTML; ``PRINT``: PDF/UA; ``FIGURES``: JSON; ``TABLE``: CSV;
    ``HANDED_ON``: what a country hands on for a report over countries (JSON)."""

    PAGE = "page"
    PRINT = "print"
    FIGURES = "figures"
    TABLE = "table"
    HANDED_ON = "handed_on"


MOST_NAMES = 500
"""Of so many organisations the names can be told for one report."""


@frozen
class PublishSiteReportRequest:
    """A report of one organisation, from what is kept now. ``name``: what people call it."""

    request_id: str = field(validator=identifier)
    study_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    name: str = field(default="", validator=text(120, least=0))
    language: str = field(default="", validator=language_tag)


@frozen
class SiteName:
    """What people call an organisation."""

    organisation_id: str = field(validator=identifier)
    name: str = field(validator=text(120))


@frozen
class PublishCountryReportRequest:
    """A report of the whole country, from what is kept now."""

    request_id: str = field(validator=identifier)
    study_id: str = field(validator=identifier)
    names: tuple[SiteName, ...] = field(default=(), validator=few(MOST_NAMES))
    language: str = field(default="", validator=language_tag)


@frozen
class Publication:
    """A report that is out. ``organisation_id``: empty for the country's; ``as_of``: the day of its data."""

    publication_id: str
    study_id: str
    study_version: int
    organisation_id: str
    language: str
    as_of: str
    publish_time: Instant
    forms: tuple[ReportForm, ...]


@frozen
class ListSiteReportsRequest:
    """What is out about an organisation."""

    study_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListSiteReportsResponse:
    """A page of it, the newest first."""

    publications: tuple[Publication, ...]
    next_page_token: str = ""


@frozen
class ListCountryReportsRequest:
    """What is out about the country."""

    study_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListCountryReportsResponse:
    """A page of it, the newest first."""

    publications: tuple[Publication, ...]
    next_page_token: str = ""


@frozen
class GetReportRequest:
    """A report that is out."""

    publication_id: str = field(validator=identifier)
    form: ReportForm


@frozen
class GetReportResponse:
    """It, whole. ``media_type``: such as "text/html; charset=utf-8"."""

    content: bytes = field(repr=False)
    media_type: str
