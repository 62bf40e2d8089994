"""A protocol is read strictly: what cannot be carried out is told before anybody is asked anything, all of it at once."""

import re

import pytest
from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import LicenceRecord, shipped_instruments
from mewe_eval.instruments.licence import SignOff
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import may_begin, read_protocol, shipped_protocol
from whenever import Date

INSTRUMENTS = shipped_instruments()
TODAY = Date(2026, 11, 23)

TWO_ARMS = """id = "two-arms"
version = 1
title = { en = "Two arms" }
question = "Does it help?"
estimand = "The mean difference between the arms after seven weeks, at equal baseline, among those who answered."

[ages]
least = 14
most = 17

[arms.programme]
title = { en = "The programme" }

[arms.waiting]
title = { en = "Waiting" }
programme = false

[assignment]
unit = "group"
ratio = { programme = 1, waiting = 1 }
strata = ["country"]

[waves.T0]
title = { en = "Before" }
windows = [{ after = "joined", closes = 21 }]

[waves.T1]
title = { en = "After" }
windows = [
  { arms = ["programme"], after = "ended", closes = 21 },
  { arms = ["waiting"], after = "assigned", days = 49, closes = 21 },
]

[[asked]]
wave = "T0"
instrument = "how-things-are"

[[asked]]
wave = "T1"
instrument = "how-things-are"

[outcomes.day-to-day]
instrument = "how-things-are"
item = "day-to-day"
importance = "primary"

[analysis]
model = "mixed-model"
baseline = "T0"
"""


INSTRUMENT_AFTER = 'instrument = "how-things-are"\n\n[outcomes'


def read(*changes: tuple[str, str]) -> Protocol:
    """The study above, with some of its text replaced."""
    return read_protocol(changed(*changes), "study.toml", INSTRUMENTS)


def changed(*changes: tuple[str, str]) -> str:
    """Its text."""
    text = TWO_ARMS
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def after(instrument: str) -> tuple[str, str]:
    """Another instrument after the sessions."""
    return INSTRUMENT_AFTER, f'instrument = "{instrument}"\n\n[outcomes'


def besides(instrument: str) -> tuple[str, str]:
    """One more instrument after the sessions."""
    return "[outcomes.", f'[[asked]]\nwave = "T1"\ninstrument = "{instrument}"\n\n[outcomes.'


def faults(*changes: tuple[str, str]) -> list[str]:
    """What is said of it."""
    with pytest.raises(DocumentFaults) as caught:
        read(*changes)
    return [str(one) for one in caught.value.faults]


def test_a_protocol_that_can_be_carried_out_is_read_and_its_hash_is_that_of_its_bytes() -> None:
    """Another byte is another protocol."""
    protocol = read()
    assert [*protocol.waves] == ["T0", "T1"]
    assert re.fullmatch("[0-9a-f]{64}", protocol.sha256)
    assert read(("Does it help?", "Does it help ?")).sha256 != protocol.sha256


def test_each_arm_has_its_own_days() -> None:
    """Those who wait are asked as many days after they were assigned as the programme takes."""
    protocol = read()
    programme, waiting = protocol.window("T1", "programme"), protocol.window("T1", "waiting")
    assert programme is not None
    assert waiting is not None
    assert [(one.after, one.days) for one in (programme, waiting)] == [("ended", 0), ("assigned", 49)]


def told(line: str) -> tuple[str, str]:
    """What the study knows of people because they were asked it."""
    return "[outcomes.day-to-day]", f"[known]\n{line}\n\n[outcomes.day-to-day]"


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (('estimand = "The mean', 'estimand = "" # "The mean'), "estimand", "a text of 1 to 4000 characters"),
        (('after = "ended"', 'after = "session-0"'), "session-0", "after: .*session-1 to session-60"),
        (('arms = ["waiting"], after', 'arms = ["waitng"], after'), '["waitng"]', 'no such arm.*did you mean "waiting"'),
        (
            ('  { arms = ["waiting"], after = "assigned", days = 49, closes = 21 },\n', ""),
            "windows = [",
            'arm "waiting" has none',
        ),
        (('arms = ["waiting"], after', "after"), '"assigned"', 'arm "programme" has one already'),
        (('after = "ended", closes', 'after = "joined", days = 20, closes'), "days = 20", "opens before T0 has closed"),
        (
            ('"joined", closes = 21', '"joined", closes = 21, reminders = [22]'),
            "[22]",
            "not open; allowed: .* 0 to 21",
        ),
        (('"joined", closes = 21', '"joined", closes = 21, reminders = [1, 1]'), "[1, 1]", "each day once"),
        (('wave = "T1"', 'wave = "T3"'), 'wave = "T3"', "no such wave"),
        (after("how-thing-are"), "how-thing-are", 'did you mean "how-things-are"'),
        (after('how-things-are"\nversion = 2 # "'), "version = 2", "allowed: 1"),
        (after("leader-fidelity"), "[[asked]]", "not for them.*group-leader"),
        (('wave = "T1"\n', 'wave = "T0"\n'), 'instrument = "how-things-are"', "asked twice at this wave"),
        (('item = "day-to-day"', 'item = "day-today"'), "day-today", "no such item"),
        (('item = "day-to-day"', 'scale = "total"'), 'scale = "total"', "no such scale"),
        (('item = "day-to-day"', 'item = "day-to-day"\nscale = "total"'), 'scale = "total"', "and not both"),
        (('importance = "primary"', 'importance = "secondary"'), "[outcomes.day-to-day]", "none is primary"),
        (('baseline = "T0"', 'baseline = "T1"'), "baseline", "not the first wave"),
        (('model = "mixed-model"', 'model = "mixed-model"\nmissing = "imputation"'), "missing", "for the covariance analysis"),
        (('baseline = "T0"', 'baseline = "T0"\ndeltas = [1.0]'), "deltas", "nothing is imputed"),
        (('baseline = "T0"', 'baseline = "T0"\ncovariates = ["income"]'), "covariates", "not known of people"),
        (('unit = "group"', 'unit = "none"'), 'unit = "none"', "nothing says which arm"),
        (("programme = 1, waiting = 1", "programme = 1"), "ratio", "does not name each arm once"),
        (("waiting = 1 }", "waiting = 0 }"), "ratio", "whole numbers from 1 to 20"),
        (('strata = ["country"]', 'strata = ["country"]\nblocks = [0]'), "blocks", "whole numbers from 1 to 10"),
        (("least = 14", "least = 18"), "most = 17", "below ages.least"),
        (('baseline = "T0"\n', 'baseline = "T0"\n\n[publication]\nfewest_counted = 3\n'), "fewest_counted", "from 5 to 1000"),
        (("version = 1\n", 'version = 1\nsha256 = "0"\n'), "sha256", "it is computed"),
        (
            told('income = { instrument = "how-things-are", item = "energy" }'),
            "income",
            "not what people are asked of themselves",
        ),
        (told('gender = { instrument = "about-you", item = "gender" }'), "gender", "no participant is asked it"),
        (told('gender = { instrument = "how-things-are", item = "gendr" }'), "gender", "no such item is asked"),
        (
            told('gender = { instrument = "how-things-are", item = "energy", words = ["girl"] }'),
            "gender",
            "5 words, one for each",
        ),
        (
            told('age = { instrument = "how-things-are", item = "energy", words = ["x"] }'),
            "age",
            "an age is told by its number",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_told_with_line_and_what_is_allowed(
    change: tuple[str, str], where: str, said: str
) -> None:
    """The sentence is for whoever wrote the protocol."""
    (told,) = [one for one in faults(change) if re.search(said, one)]
    line = re.match(r"study\.toml:(\d+): ", told)
    assert line is not None
    assert where in changed(change).splitlines()[int(line[1]) - 1]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Nobody mends a protocol one fault at a time."""
    told = faults(
        ('baseline = "T0"', 'baseline = "T9"'), ('item = "day-to-day"', 'item = "x"'), ('unit = "group"', 'unit = "none"')
    )
    assert len(told) == 3


def test_an_instrument_without_a_licence_keeps_a_study_from_beginning() -> None:
    """So does one for other ages without a clinician's word; the study itself can be written."""
    protocol = read(besides("who-5"))
    (told,) = may_begin(protocol, INSTRUMENTS, {}, {}, TODAY)
    assert told == '"who-5": NO_LICENCE_RECORD; allowed: an instrument whose licence is on record'
    record = LicenceRecord(instrument="who-5", holder="h", reference="r", valid_until=None, languages=("en",))
    (told,) = may_begin(protocol, INSTRUMENTS, {"who-5": record}, {}, TODAY)
    assert told == '"who-5": NO_TEXTS; allowed: an instrument whose text is loaded'


def test_a_tool_for_adults_wants_a_sign_off_for_every_age_of_the_study() -> None:
    """One year that is not covered is enough to refuse."""
    protocol = read(besides("phq-9"))
    covers = {"phq-9": SignOff(instrument="phq-9", by="Dr A", age_from=15, age_to=17, signed_on=TODAY, valid_until=TODAY)}
    (told,) = may_begin(protocol, INSTRUMENTS, {}, covers, TODAY)
    assert "AGE_NEEDS_SIGN_OFF" in told
    all_ages = {"phq-9": SignOff(instrument="phq-9", by="Dr A", age_from=14, age_to=17, signed_on=TODAY, valid_until=TODAY)}
    assert may_begin(protocol, INSTRUMENTS, {}, all_ages, TODAY) == ()


def test_the_follow_up_that_is_shipped_can_begin_anywhere() -> None:
    """It needs no licence, no clinician and no researcher; and it compares with nobody."""
    protocol = shipped_protocol(INSTRUMENTS)
    assert may_begin(protocol, INSTRUMENTS, {}, {}, TODAY) == ()
    assert [*protocol.waves] == ["T0", "T1", "T2"]
    assert protocol.analysis.model.value == "description"
    assert all(not INSTRUMENTS[one.instrument].validated for one in protocol.asked)
