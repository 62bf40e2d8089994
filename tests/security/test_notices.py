"""Notices on what really runs: from a browser's subscription to what its push service is given."""

from tests.security.country import COORDINATOR, running
from tests.security.deployment import PLENTY
from tests.security.push_service import PUSH, browser, wants
from tests.waiting import eventually


def test_a_notice_goes_to_whose_device_it_is_and_nothing_is_kept_in_the_clear() -> None:
    """Whoever turned it on gets it, another cannot end it, and no file of the deployment but the keys tells where it went."""
    with running(limits=PLENTY + PUSH) as country, browser() as hers:
        by = country.national.token
        other = country.invited(by, country.do(by, "CreateOrganisation", name="Exempelby", kind=1).id, role=COORDINATOR)
        assert wants(country, by).push_key
        mine = country.do(by, "AddDevice", **hers.subscription("canary-of-the-endpoint")).devices
        assert [one.is_this for one in mine] == [True]
        wants(country, other.token)
        assert country.do(other.token, "RemoveDevice", device_id=mine[0].id).devices == []
        country.do(by, "TestNotice")
        eventually(lambda: len(hers.came) == 1)
        assert (hers.came[0][0], hers.read()) == ("/canary-of-the-endpoint", [b'{"key":"new"}'.ljust(64)])
        for endpoint in ("https://127.0.0.1/", "https://169.254.169.254/", "http://localhost:80/", "https://example.org/"):
            asked = {**hers.subscription("x"), "endpoint": endpoint}
            assert country.ask(other.token, "AddDevice", **asked).reason == "INVALID"
        told = [one for one in country.here.folder.rglob("*") if one.is_file() and b"canary-of" in one.read_bytes()]
        assert (told, country.here.faults()) == ([], [])
        country.do(by, "EndDeviceSession", device_session_id=country.national.session_id)
        assert len(hers.came) == 1
