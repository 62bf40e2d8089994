"""A training ends in a certificate, for those who were there."""

import pytest
from mewe_core.kit.access import Role
from mewe_core.kit.testing import Stage
from mewe_core.programme import Overlay, errors
from mewe_core.programme.events import CertificateIssued, CertificateWithdrawn, GroupState
from mewe_core.programme.handlers import groups, members, training
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import training as t
from mewe_core.programme.offer import ProgrammeSettings
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.testing import School
from whenever import Date


def issue(school: School, membership: g.Membership, by: str = "sven") -> t.Certificate:
    """Give the certificate."""
    return school.stage.call(training.issue_certificate, t.IssueCertificateRequest("r", membership.id), by=by)


def withdraw(school: School, certificate: t.Certificate) -> t.Certificate:
    """Take it back."""
    request = t.WithdrawCertificateRequest("r", certificate.id, t.WithdrawalReason.GIVEN_IN_ERROR)
    return school.stage.call(training.withdraw_certificate, request, by="karin")


def course(school: School, *people: str, absent: tuple[tuple[str, ...], ...] = ((), (), (), ())) -> list[g.Membership]:
    """A training of four sessions, held; who was absent from which."""
    group = school.group("leader-training")
    trained = school.join(group, *people)
    school.join(group, "tove", role=Role.LEADER)
    school.stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="karin")
    for session, away in zip(school.sessions(group), absent, strict=False):
        school.record(session, absent=away)
    return trained


def test_who_was_there_gets_a_certificate_with_date_and_issuer(school: School) -> None:
    """Valid for three years, unless the deployment says otherwise."""
    [lena] = course(school, "lena")
    certificate = issue(school, lena)
    assert (certificate.person_id, certificate.issuer_id, certificate.organisation_id) == ("lena", "sven", "school")
    assert (certificate.programme_id, certificate.programme_version) == ("leader-training", 1)
    assert (certificate.issue_date, certificate.last_date) == (Date(2026, 9, 29), Date(2029, 9, 29))
    assert certificate.withdraw_time is None
    assert CertificateIssued(certificate.id, "lena", "school") in school.stage.events


def test_a_deployment_says_how_long_a_certificate_is_valid() -> None:
    """A year, for example."""
    settings = ProgrammeSettings({"leader-training": Overlay(certificate_valid_months=12, certificate_least_sessions=4)})
    with Stage(mewe_feature(), settings=settings, programmes=tuple(mewe_programmes())) as stage:
        school = School(stage)
        lena, lars = course(school, "lena", "lars", absent=(("lars",), (), (), ()))
        assert issue(school, lena).last_date == Date(2027, 9, 29)
        with pytest.raises(errors.TooFewSessions):
            issue(school, lars)


def test_a_training_completes_with_its_last_session(school: School) -> None:
    """It has no follow-up."""
    [lena] = course(school, "lena")
    group = school.stage.call(groups.get_group, g.GetGroupRequest(lena.group_id), by="karin")
    assert group.state is GroupState.COMPLETED


def test_who_was_at_too_few_sessions_gets_none(school: School) -> None:
    """Three of four are enough, two are not."""
    lena, lars = course(school, "lena", "lars", absent=(("lars",), ("lena", "lars"), (), ()))
    assert issue(school, lena).person_id == "lena"
    with pytest.raises(errors.TooFewSessions):
        issue(school, lars)


def test_before_the_training_is_completed_there_is_none(school: School) -> None:
    """Three of four held."""
    [lena] = course(school, "lena", absent=((), (), ()))
    with pytest.raises(errors.TrainingNotDone):
        issue(school, lena)


def test_who_left_or_led_the_training_gets_none(school: School) -> None:
    """Certificates are for participants who are there to the end."""
    [lena] = course(school, "lena")
    found = school.stage.call(members.list_members, g.ListMembersRequest(lena.group_id), by="karin").memberships
    with pytest.raises(errors.NoCertificate):
        issue(school, next(one for one in found if one.person_id == "tove"))
    school.stage.call(members.leave_group, g.LeaveGroupRequest("r", lena.id), by="lena")
    with pytest.raises(errors.MembershipEnded):
        issue(school, lena)


def test_a_programme_without_certificate_gives_none(school: School) -> None:
    """Taking part in ME-WE is not an exam."""
    group = school.running("ada")
    found = school.stage.call(members.list_members, g.ListMembersRequest(group.id), by="karin").memberships
    with pytest.raises(errors.NoCertificate):
        issue(school, next(one for one in found if one.person_id == "ada"))


def test_a_certificate_is_given_once_and_again_when_it_was_withdrawn(school: School) -> None:
    """The withdrawn one stays on record."""
    [lena] = course(school, "lena")
    first = issue(school, lena)
    with pytest.raises(errors.CertificateHeld):
        issue(school, lena)
    withdrawn = withdraw(school, first)
    assert withdrawn.withdraw_time == school.stage.clock.now()
    assert withdrawn.withdrawal_reason is t.WithdrawalReason.GIVEN_IN_ERROR
    assert CertificateWithdrawn(first.id, "lena", "school") in school.stage.events
    with pytest.raises(errors.CertificateIsWithdrawn):
        withdraw(school, first)
    second = issue(school, lena)
    mine = school.stage.call(training.list_my_certificates, t.ListMyCertificatesRequest(), by="lena").certificates
    assert [one.id for one in mine] == [first.id, second.id]


def test_a_certificate_of_another_training_lets_nobody_lead() -> None:
    """The programme names the one that it asks for."""
    shipped = tuple(mewe_programmes())
    other = next(one for one in shipped if '"leader-training"' in one).replace('"leader-training"', '"other-training"')
    settings = ProgrammeSettings({"me-we": Overlay(leader_certificate="other-training", leaders_needed=1)})
    with Stage(mewe_feature(), settings=settings, programmes=(*shipped, other)) as stage:
        school = School(stage)
        school.train("lena")
        group = school.group()
        school.join(group, "lena", role=Role.LEADER)
        school.join(group, "ada")
        with pytest.raises(errors.LeaderNotCertified):
            stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="karin")


def test_a_certificate_holds_in_every_organisation(school: School) -> None:
    """Trained at one school, leading at another."""
    school.train("lena", "lars")
    group = school.group(by="kerstin", school="other-school")
    school.join(group, "lena", "lars", role=Role.LEADER, by="kerstin")
    school.join(group, "ada", by="kerstin")
    school.protect(group)
    started = school.stage.call(groups.start_group, g.StartGroupRequest("r", group.id), by="kerstin")
    assert started.state is GroupState.RUNNING


def test_certificates_of_an_organisation_come_by_page(school: School) -> None:
    """Oldest first; those of another organisation are not among them."""
    for one in course(school, "lena", "lars", "lotta"):
        issue(school, one)
    first = school.stage.call(training.list_certificates, t.ListCertificatesRequest("school", 2), by="karin")
    asked = t.ListCertificatesRequest("school", 2, first.next_page_token)
    second = school.stage.call(training.list_certificates, asked, by="karin")
    assert [one.person_id for one in (*first.certificates, *second.certificates)] == ["lena", "lars", "lotta"]
    other = school.stage.call(training.list_certificates, t.ListCertificatesRequest("other-school"), by="kerstin")
    assert other.certificates == ()
