"""FHIR's Questionnaire and QuestionnaireResponse (R4B, R5) for instruments: written, and read with every difference.

``questionnaire`` and ``response`` write, ``to_json`` checks and makes bytes; ``read_questionnaire`` and ``read_response`` read,
``known_as`` and ``matched`` set a questionnaire beside an instrument, ``as_document`` makes a document of one to complete.
What checks the structure comes with the extra ``fhir``.
"""

from mewe_eval.fhir.drafts import Draft, DraftItem, DraftNumber, DraftOption, as_document
from mewe_eval.fhir.known import Known, Links, known_tables, links_of
from mewe_eval.fhir.matching import Match, known_as, matched
from mewe_eval.fhir.model import Difference, ExtraMissing, FhirFault, Pseudonym, Reason, Release, Status
from mewe_eval.fhir.questionnaires import questionnaire
from mewe_eval.fhir.read_questionnaires import read_questionnaire
from mewe_eval.fhir.read_responses import ReadResponse, StoredTotal, read_response
from mewe_eval.fhir.responses import response
from mewe_eval.fhir.structure import structural_differences, to_json

__all__ = [
    "Difference",
    "Draft",
    "DraftItem",
    "DraftNumber",
    "DraftOption",
    "ExtraMissing",
    "FhirFault",
    "Known",
    "Links",
    "Match",
    "Pseudonym",
    "ReadResponse",
    "Reason",
    "Release",
    "Status",
    "StoredTotal",
    "as_document",
    "known_as",
    "known_tables",
    "links_of",
    "matched",
    "questionnaire",
    "read_questionnaire",
    "read_response",
    "response",
    "structural_differences",
    "to_json",
]
