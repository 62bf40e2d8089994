"""A device session that has lived as long as one may is over, and asks for help all the same; on what really runs."""

import sqlite3
from contextlib import closing

from mewe_core.people.model import PeopleSettings
from mewe_core.programme.offer import ProgrammeSettings, offer
from mewe_core.programme.plugin import mewe_programmes

from tests.security.country import running
from tests.waiting import eventually

DAY = 24 * 3600 * 1_000_000
LONGEST_DAYS = PeopleSettings().longest_days
EVERY_DAYS = 73


def test_who_was_signed_in_for_a_year_is_signed_out_and_still_asks_for_help() -> None:
    """Used all the time it ends on the day that the list named from the first day; with the old token help is asked for."""
    with running() as country:
        organisation = country.do(country.national.token, "CreateOrganisation", name="Exempelby", kind=1)
        code = country.do(country.national.token, "InvitePerson", organisation_id=organisation.id).code
        person = country.sign_in(code, country.national.token)
        [listed] = country.do(person.token, "ListDeviceSessions").device_sessions
        last, token = listed.last_time.seconds, person.token
        assert 0 <= last - listed.create_time.seconds - LONGEST_DAYS * 24 * 3600 <= 60
        for day in range(EVERY_DAYS, LONGEST_DAYS, EVERY_DAYS):
            country.here.clock.advance(EVERY_DAYS * DAY)
            token = country.do("", "RefreshSession", session_token=person.session_token).token
            [listed] = country.do(token, "ListDeviceSessions").device_sessions
            assert (day, listed.last_time.seconds) == (day, last)
        country.here.clock.advance(EVERY_DAYS * DAY)
        for way in country.ways:
            refused = country.ask("", "RefreshSession", way, session_token=person.session_token)
            assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "SESSION_OVER")
            assert country.ask(token, "GetMe", way).reason == "SIGNED_OUT"
            for help_ in ("AskForHelp", "AskToTalk"):
                assert (help_, country.ask(token, help_, way).code) == (help_, "OK")
        asked = [country.do(token, "AskForHelp").id for _ in range(2)]
        with closing(sqlite3.connect(f"file:{country.here.folder / 'var/data/safety.db'}?mode=ro", uri=True)) as file:

            def raised_by(concern: str) -> list[str | None]:
                return [one for (one,) in file.execute("SELECT raised_by_id FROM safety_concern WHERE id = ?", (concern,))]

            eventually(lambda: all(raised_by(one) for one in asked))
            assert {one: raised_by(one) for one in asked} == {one: [person.id] for one in asked}
        assert country.here.faults() == []


def test_no_young_person_is_signed_out_in_the_middle_of_a_programme() -> None:
    """Every programme that is shipped ends well before, also with a free week after each meeting and the time to look back."""
    settings = ProgrammeSettings()
    offered = offer(settings, mewe_programmes())
    assert offered.programmes
    for one in offered.programmes.values():
        months = 0 if one.follow_up is None else one.follow_up.months
        days = 2 * 7 * len(one.sessions) + 31 * months + settings.days_open_afterwards
        assert (one.id, days <= LONGEST_DAYS) == (one.id, True)
