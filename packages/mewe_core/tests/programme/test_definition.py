"""A programme is data, read strictly and overlaid without copying."""

from collections.abc import Callable

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid
from mewe_core.kit.feature import Brought
from mewe_core.programme import Definition, Overlay, ProgrammeFault, eligible, overlaid, read_programme
from mewe_core.programme.definition import SessionOverlay, said
from mewe_core.programme.offer import Offer, ProgrammeSettings, configure, offer, told
from mewe_core.programme.plugin import mewe_programmes
from mewe_core.programme.reading import fingerprint, kept, taken_back

Documents = Callable[[str], str]
OTHER = "this value is of another kind; allowed:"
UNFIT = "this value cannot be used; allowed:"
UNTOLD = "these are not the languages of the name; allowed:"
ME_WE = next(one for one in map(read_programme, mewe_programmes()) if one.id == "me-we")

SMALL = """
id = "small"
version = 1
name = { en = "Small" }
summary = { en = "A small programme." }
[[sessions]]
id = "one"
aim = { en = "One" }
"""


def test_me_we_is_seven_sessions_of_two_hours_and_a_follow_up_after_three_months() -> None:
    """The shape that the project states."""
    assert len(ME_WE.sessions) == 7
    assert ME_WE.session_minutes == 120
    assert ME_WE.days_between == 7
    assert ME_WE.follow_up is not None
    assert ME_WE.follow_up.months == 3
    assert (ME_WE.age_from, ME_WE.age_to) == (14, 17)


def test_the_aims_of_me_we_stand_in_order() -> None:
    """From getting to know each other to social networks."""
    assert [said(one.aim, "en")[1] for one in ME_WE.sessions] == [
        "Getting to know each other",
        "Handling straining thoughts",
        "Contacting and observing one's own feelings",
        "Growing and flourishing",
        "Connecting to meaning and energy",
        "A flexible view of oneself, and self-compassion",
        "Building strong social networks",
    ]


def test_the_parts_of_the_model_have_neutral_codes_and_names_in_each_language() -> None:
    """Swedish names as published."""
    assert [(one.id, said(one.name, "sv")[1]) for one in ME_WE.parts] == [
        ("discoverer", "Upptäckaren"),
        ("noticer", "Observatören"),
        ("advisor", "Rådgivaren"),
        ("values", "Värden"),
    ]


def test_what_is_our_inference_says_so() -> None:
    """Every session tells where its aim and parts come from; only two are published."""
    inferred = [one.id for one in ME_WE.all_sessions() if "our inference" in one.source]
    assert inferred == ["feelings", "growing", "meaning", "self-view", "networks", "follow-up"]
    assert all(one.source for one in ME_WE.all_sessions())


def test_activities_fill_a_session() -> None:
    """Two hours of stubs for two hours of session."""
    assert {sum(each.minutes for each in one.activities) for one in ME_WE.all_sessions()} == {120}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("version = 1", 'version = "1"'), f'the programme "small": version: {OTHER} a whole number'),
        (("version = 1", "version = true"), f'the programme "small": version: {OTHER} a whole number'),
        (("version = 1", "version = 0"), f'the programme "small": version: {UNFIT} a number from 1 to 1000000'),
        (("version = 1\n", ""), 'the programme "small": version: this key is missing; allowed: a whole number'),
        (('id = "small"', "id = 3"), f"a programme without id: id: {OTHER} a text in quotes"),
        (('id = "small"', 'id = "Small One"'), f"id: {UNFIT} a code such as"),
        (("version = 1", 'version = 1\nkind = "party"'), f'kind: {OTHER} one of "support", "training"'),
        (("version = 1", "version = 1\nages = 3"), "ages: this key is not known; allowed: age_from, age_to, certificate, "),
        (('{ en = "One" }', '"One"'), f"sessions[0].aim: {OTHER} a section"),
        (('{ en = "One" }', "{ en = 1 }"), f"sessions[0].aim.en: {OTHER} a text in quotes"),
        (('{ en = "One" }', '{ en = " " }'), f"sessions[0].aim: {UNFIT} texts by language"),
        (('{ en = "One" }', '{ English = "One" }'), f"sessions[0].aim: {UNFIT} texts by language"),
        (('{ en = "One" }', '{ sv = "Ett" }'), f"sessions.one.aim: {UNTOLD} a text in each language of the name: en"),
        (
            ('{ en = "A small programme." }', '{ en = "A", sv = "B" }'),
            f"summary: {UNTOLD} a text in each language of the name: en",
        ),
        (('aim = { en = "One" }', 'aim = { en = "One" }\nparts = ["x"]'), f"sessions[0].parts: {UNFIT} ids of the programme's"),
        (('aim = { en = "One" }', 'aim = { en = "One" }\nparts = "x"'), f"sessions[0].parts: {OTHER} a list"),
        (("version = 1", "version = 1\nage_from = 18\nage_to = 14"), f"age_to: {UNFIT} an age not below age_from"),
        (("[[sessions]]", "[certificate]\nleast_sessions = 2\n[[sessions]]"), f"certificate.least_sessions: {UNFIT} a number"),
        (("[[sessions]]", "[rules]\njoin_until_session = 2\n[[sessions]]"), f"rules.join_until_session: {UNFIT} a number"),
        (
            ("[[sessions]]", "[rules]\nleaders = 2\n[[sessions]]"),
            "rules.leaders: this key is not known; allowed: background_check, join_until_session, leader_certificate, "
            'leaders_needed (did you mean "leaders_needed"?)',
        ),
        (("[[sessions]]", '[[sessions]]\nid = "one"\naim = { en = "x" }\n[[sessions]]'), f"sessions: {UNFIT} ids that differ"),
        (("[[sessions]]", "[sessions]"), f"sessions: {OTHER} a list"),
        (("version = 1", "version = = 1"), "a programme is not TOML"),
    ],
)
def test_a_fault_names_the_programme_the_key_and_what_is_allowed(change: tuple[str, str], message: str) -> None:
    """Nothing that is wrong is read, or ignored."""
    assert change[0] in SMALL
    with pytest.raises(ProgrammeFault) as fault:
        read_programme(SMALL.replace(*change, 1))
    assert message in str(fault.value)


def test_all_faults_are_named_at_once() -> None:
    """Whoever writes a programme mends it in one go."""
    with pytest.raises(ProgrammeFault) as fault:
        read_programme(SMALL.replace("version = 1", 'kind = "party"'))
    lines = str(fault.value).splitlines()
    assert [line.split("; ")[0] for line in lines] == [
        'the programme "small": version: this key is missing',
        'the programme "small": kind: this value is of another kind',
    ]


def test_what_is_kept_comes_back_and_its_fingerprint_is_of_its_content() -> None:
    """The same programme, the same text; another text, another fingerprint."""
    assert taken_back(kept(ME_WE)) == ME_WE
    assert fingerprint(taken_back(kept(ME_WE))) == fingerprint(ME_WE)
    assert fingerprint(evolve(ME_WE, age_to=18)) != fingerprint(ME_WE)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"id": "small"}'])
def test_what_is_no_programme_is_not_taken_back(text: str) -> None:
    """A database that holds something else is told as a fault of a programme."""
    with pytest.raises(ProgrammeFault, match=r"\Aa programme in the database"):
        taken_back(text)


def test_an_overlay_changes_what_it_names_and_nothing_else() -> None:
    """Ages, size, rules, texts by id."""
    over = Overlay(
        age_from=13,
        most_participants=8,
        leaders_needed=1,
        leader_certificate="",
        background_check=True,
        follow_up_months=2,
        name={"nl": "Veerkrachtstraining"},
        parts={"noticer": {"nl": "Opmerker"}},
        sessions={"thoughts": SessionOverlay(aim={"nl": "Gedachten"}, activities={"theme": {"nl": "Thema"}})},
    )
    changed = overlaid(ME_WE, over)
    assert (changed.age_from, changed.age_to, changed.most_participants) == (13, 17, 8)
    assert (changed.rules.leaders_needed, changed.rules.leader_certificate, changed.rules.background_check) == (1, "", True)
    assert changed.follow_up is not None
    assert changed.follow_up.months == 2
    assert dict(changed.name) == {"en": "ME-WE", "sv": "ME-WE", "nl": "Veerkrachtstraining"}
    assert said(changed.parts[1].name, "nl") == ("nl", "Opmerker")
    assert said(changed.session("thoughts").aim, "nl") == ("nl", "Gedachten")
    assert said(changed.session("feelings").aim, "nl")[0] == "en"
    assert overlaid(ME_WE, Overlay()) == ME_WE


@pytest.mark.parametrize(
    ("over", "path"),
    [
        (Overlay(sessions={"eighth": SessionOverlay()}), "sessions.eighth"),
        (Overlay(sessions={"thoughts": SessionOverlay(activities={"x": {"nl": "y"}})}), "sessions.thoughts.activities.x"),
        (Overlay(parts={"x": {"nl": "y"}}), "parts.x"),
        (Overlay(age_from=18), "age_to"),
        (Overlay(most_participants=0), "most_participants"),
        (Overlay(leaders_needed=0), "leaders_needed"),
        (Overlay(certificate_valid_months=12), "certificate_valid_months"),
    ],
)
def test_an_overlay_of_what_is_not_there_is_refused(over: Overlay, path: str) -> None:
    """A typo in a mix changes nothing silently."""
    with pytest.raises(Invalid) as refused:
        overlaid(ME_WE, over)
    assert path in [one.path for one in refused.value.fields]


def test_a_follow_up_cannot_be_laid_over_a_programme_without_one(documents: Documents) -> None:
    """There is nothing to move."""
    with pytest.raises(Invalid):
        overlaid(read_programme(documents("leader-training")), Overlay(follow_up_months=3))


@pytest.mark.parametrize(
    ("settings", "more", "message"),
    [
        (ProgrammeSettings(), (SMALL, SMALL), 'the programme "small" comes twice in version 1'),
        (
            ProgrammeSettings({"we-me": Overlay()}),
            (),
            "overlays.we-me: there is no such programme; allowed: leader-training, me-we",
        ),
        (ProgrammeSettings({"me-we": Overlay(age_from=18)}), (), "overlays.me-we.age_to: allowed"),
        (ProgrammeSettings({"me-we": Overlay(leader_certificate="me-we")}), (), "allowed: leader-training, or"),
    ],
)
def test_an_offer_that_does_not_fit_together_stops_the_start(
    settings: ProgrammeSettings, more: tuple[str, ...], message: str
) -> None:
    """Each fault says what is allowed."""
    with pytest.raises(ProgrammeFault) as fault:
        configure(settings, Brought((*mewe_programmes(), *more)))
    assert message in str(fault.value)


def test_the_newest_version_is_offered_and_older_ones_can_be_asked_for() -> None:
    """By number, not by the order in which they came."""
    offered: Offer = offer(ProgrammeSettings(), [SMALL.replace("version = 1", f"version = {n}") for n in (2, 10, 9)])
    newest, second, none = offered.newest("small"), offered.version("small", 2), offered.version("small", 3)
    assert newest is not None
    assert newest.version == 10
    assert second is not None
    assert none is None
    assert [one.version for one in offered.all_newest()] == [10]


@pytest.mark.parametrize(("asked", "got"), [("sv", "sv"), ("sv-FI", "sv"), ("de", "en"), ("", "en")])
def test_a_programme_is_told_in_the_nearest_language(asked: str, got: str) -> None:
    """The language itself, its plain form, then English."""
    assert told(ME_WE, asked).language == got


def test_without_english_the_first_language_is_told() -> None:
    """Something is better than nothing."""
    assert said({"sl": "ROS-V", "nl": "DNA-V"}, "it") == ("nl", "DNA-V")


@pytest.mark.parametrize(("age", "right"), [(13, False), (14, True), (17, True), (18, False)])
def test_who_may_take_part_is_a_question_of_age_alone(age: int, right: bool) -> None:
    """Both ends included; relation and diagnosis are never asked."""
    assert eligible(ME_WE, age) is right


def test_a_programme_without_ages_is_for_everybody() -> None:
    """No limit, no question."""
    open_: Definition = evolve(ME_WE, age_from=None, age_to=None)
    assert eligible(open_, 0)
    assert eligible(open_, 120)
