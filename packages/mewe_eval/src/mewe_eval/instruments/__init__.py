"""Instruments (questionnaires) as data, and their exact scores.

``read_instrument`` takes a document, ``shipped_instruments`` is what comes with the library, ``score`` takes answers; so does
``score_many`` of ``scored_tables``, of many people at once (it wants numpy, which a service has no use for).
"""

from mewe_eval.instruments.licence import LicenceRecord, NotSchedulable, SignOff, may_schedule
from mewe_eval.instruments.model import Instrument, wording_hash
from mewe_eval.instruments.reading import ConversionTable, read_conversion, read_instrument, read_wording
from mewe_eval.instruments.refused import Refusal, refusals
from mewe_eval.instruments.scoring import (
    Alert,
    Comparison,
    NoScore,
    NotScorable,
    ScaleScore,
    Scored,
    alerts,
    compare_stored,
    score,
)
from mewe_eval.instruments.shipped import shipped_instruments

__all__ = [
    "Alert",
    "Comparison",
    "ConversionTable",
    "Instrument",
    "LicenceRecord",
    "NoScore",
    "NotSchedulable",
    "NotScorable",
    "Refusal",
    "ScaleScore",
    "Scored",
    "SignOff",
    "alerts",
    "compare_stored",
    "may_schedule",
    "read_conversion",
    "read_instrument",
    "read_wording",
    "refusals",
    "score",
    "shipped_instruments",
    "wording_hash",
]
