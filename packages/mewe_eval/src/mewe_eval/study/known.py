"""What a study knows of people besides their answers."""

from enum import StrEnum


class Known(StrEnum):
    """What is known of a person besides their answers; a study need not know it."""

    COUNTRY = "country"
    ORGANISATION = "organisation"
    GROUP = "group"
    ARM = "arm"
    STATE = "state"
    GENDER = "gender"
    AGE = "age"
    CARED_FOR = "cared_for"


STATES = (
    "referred",
    "recruited",
    "screened",
    "screen_failure",
    "withdrawn",
    "initial_dropout",
    "enrolled",
    "started",
    "completed_t1",
    "completed_t2",
)
"""What ``Known.STATE`` may be: how far somebody has come. Source: Barbabella et al. 2023, IJERPH 20(6):5074."""
