"""What evaluation does at the command line, with nothing else running."""

from mewe_core.kit.commands import Command

from mewe_eval.commands.analysing import ANALYSE
from mewe_eval.commands.checking import CHECK
from mewe_eval.commands.exchanging import FHIR_READ, FHIR_SCORE, FHIR_WRITE
from mewe_eval.commands.federating import FEDERATE
from mewe_eval.commands.meeting import FEDERATE_COUNTRY, FEDERATE_HUB, FEDERATE_KEY
from mewe_eval.commands.reporting import FIGURES, REPORT, REPORT_COUNTRIES
from mewe_eval.commands.scoring import SCORE

COMMANDS: tuple[Command, ...] = (
    *(ANALYSE, SCORE, CHECK, FEDERATE),
    *(FEDERATE_KEY, FEDERATE_COUNTRY, FEDERATE_HUB),
    *(REPORT, FIGURES, REPORT_COUNTRIES),
    *(FHIR_WRITE, FHIR_READ, FHIR_SCORE),
)
"""``mewe eval ...``."""
