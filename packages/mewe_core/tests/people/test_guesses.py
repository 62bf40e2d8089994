"""Guessing codes: it does not work, shows nothing, is counted, and locks nobody out."""

import secrets
from collections.abc import Iterator

import pytest
from mewe_core.kit import records
from mewe_core.kit.database import Statement
from mewe_core.kit.errors import Failure
from mewe_core.kit.testing import MemoryDatabase, Stage
from mewe_core.kit.values import Parameter, Value
from mewe_core.people import codes, handlers, model
from mewe_core.people.errors import CodeNotGood, TooManyWrongCodes
from mewe_core.people.guesses.rules import SHARE, is_looked_at
from mewe_core.people.guesses.store import WRONG_CODES
from mewe_core.people.model import PeopleSettings
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.testing import sign_in
from sqlalchemy import func, select

from tests.extent import extent

GUESSES = extent(20_000, 1_000_000)
GOOD = 200


class Watched(MemoryDatabase):
    """What is asked of it, by the text and the sizes of what is given: what somebody could measure from outside."""

    asked: list[tuple[str, tuple[tuple[str, int], ...]]]

    def _run(self, statement: Statement, parameters: dict[str, Parameter]) -> tuple[list[tuple[Value, ...]], int]:
        sizes = tuple((name, len(str(value))) for name, value in parameters.items())
        self.__dict__.setdefault("asked", []).append((str(statement), sizes))
        return super()._run(statement, parameters)


def redeem(stage: Stage, code: str) -> type[Failure] | None:
    """How it is refused, if it is."""
    try:
        stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))
    except Failure as refused:
        return type(refused)
    return None


def wrong(stage: Stage) -> int:
    """How many wrong codes are counted."""
    return stage.all(select(func.coalesce(func.sum(WRONG_CODES.c.count), 0)), int)[0]


@pytest.fixture
def watched() -> Iterator[Stage]:
    """People on a database that says what it was asked."""
    feature = mewe_feature()
    with Stage(feature) as stage:
        stage.database.close()
        stage.database = Watched(records.METADATA, feature.tables)
        yield stage


def test_no_guess_hits() -> None:
    """Codes made like real ones, while two hundred are good; all of them are looked at."""
    with Stage(mewe_feature(), settings=PeopleSettings(most_wrong_codes=10 * GUESSES)) as stage:
        [line] = stage.start()
        nina = sign_in(stage, line.split()[-1]).person_id
        made = model.CreateOrganisationRequest("r", "North", model.OrganisationKind.SCHOOL)
        north = stage.call(handlers.create_organisation, made, by=nina).id
        for _ in range(GOOD):
            stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=nina)
        hits = 0
        for _ in range(GUESSES):
            hits += redeem(stage, codes.code(secrets.token_bytes(codes.RANDOM_BYTES))) is not CodeNotGood
        assert hits == 0
        assert wrong(stage) == GUESSES


def test_whatever_is_wrong_with_a_code_the_same_is_done(watched: Stage) -> None:
    """The same statements with as many bytes, in the same order: neither time nor anything else tells them apart."""
    stage = watched
    [line] = stage.start()
    nina = sign_in(stage, line.split()[-1]).person_id
    made = model.CreateOrganisationRequest("r", "North", model.OrganisationKind.SCHOOL)
    north = stage.call(handlers.create_organisation, made, by=nina).id
    used, waiting, expired, withdrawn, replaced = (
        stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, valid_hours=hours), by=nina)
        for hours in (0, 0, 1, 0, 0)
    )
    sign_in(stage, used.code, nina)
    assert redeem(stage, waiting.code) is None
    stage.clock.advance(hours=1)
    stage.call(handlers.withdraw_invitation, model.WithdrawInvitationRequest("r", withdrawn.id), by=nina)
    again = model.InvitePersonRequest("r", north, person_id=replaced.person_id)
    good = stage.call(handlers.invite_person, again, by=nina)
    unknown = codes.code(bytes(range(16)))
    wrong_ones = [one.code for one in (used, waiting, expired, withdrawn, replaced)]
    done = []
    assert isinstance(stage.database, Watched)
    for code in (*wrong_ones, unknown, "no code", "1", good.link.replace("SE", "NL")):
        stage.database.asked.clear()
        assert redeem(stage, code) is CodeNotGood
        done.append(list(stage.database.asked))
    assert len(done[0]) > 3
    assert [one for one in done if one != done[0]] == []
    assert redeem(stage, good.code) is None


def test_wrong_codes_are_counted_for_ten_minutes(stage: Stage) -> None:
    """Although each is refused; a good one is not counted."""
    [line] = stage.start()
    for _ in range(3):
        redeem(stage, "bako-fimo")
    assert wrong(stage) == 3
    assert redeem(stage, line.split()[-1]) is None
    assert wrong(stage) == 3
    stage.clock.advance(minutes=11)
    redeem(stage, "bako-fimo")
    assert wrong(stage) == 1


def test_beyond_the_bound_some_attempts_are_looked_at_whatever_their_code() -> None:
    """A guesser becomes eight times slower; whoever has a good code gets in by trying again, within a few times."""
    with Stage(mewe_feature(), settings=PeopleSettings(most_wrong_codes=100)) as stage:
        [line] = stage.start()
        for _ in range(101):
            assert redeem(stage, "bako-fimo") is CodeNotGood
        answers = [redeem(stage, "bako-fimo") for _ in range(800)]
        assert set(answers) == {CodeNotGood, TooManyWrongCodes}
        assert 50 <= answers.count(CodeNotGood) <= 150
        tries = next(number for number in range(1, 200) if redeem(stage, line.split()[-1]) is None)
        assert tries < 100
        stage.clock.advance(minutes=11)
        assert {redeem(stage, "bako-fimo") for _ in range(50)} == {CodeNotGood}


def test_one_in_eight_is_looked_at_beyond_the_bound_and_all_before() -> None:
    """For each byte that chance can give."""
    assert all(is_looked_at(wrong, 100, chance) for wrong in (0, 100) for chance in range(256))
    assert sum(is_looked_at(101, 100, chance) for chance in range(256)) == 256 // SHARE
