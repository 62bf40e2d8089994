"""The library by its first name."""

import subprocess
import sys
from importlib.resources import files

import mewe_core
from whenever import Date


def test_everything_that_is_named_is_there() -> None:
    """Each name of ``__all__`` can be had, and nothing else."""
    assert all(getattr(mewe_core, name) is not None for name in mewe_core.__all__)
    assert not hasattr(mewe_core, "nothing_of_the_kind")


def test_it_plans_decides_and_checks_without_a_service() -> None:
    """The three things a newcomer tries first."""
    from mewe_core import Caller, LocalStart, eligible, may, plan_series, read_programme, signed_in

    me_we = read_programme((files("mewe_core.programme") / "programmes" / "me-we.toml").read_text("utf-8"))
    planned = plan_series(me_we, LocalStart(Date(2026, 9, 2), "16:00"), "Europe/Stockholm")
    assert (len(planned), eligible(me_we, 15), eligible(me_we, 19)) == (8, True, False)
    assert may(signed_in(), Caller(None, None, "SE"), None, (), planned[0].starts_at) is None


def test_importing_it_loads_nothing_heavy() -> None:
    """A host that imports the kit pays neither for the calendar nor for Fluent."""
    heavy = ("icalendar", "fluent.runtime", "nats", "grpc")
    asked = f"import mewe_core.kit.feature, sys; print(*[name for name in {heavy} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.split() == []
