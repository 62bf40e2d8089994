"""How safety declares itself."""

from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.programme.events import GroupChanged
from mewe_core.safety import handlers, store
from mewe_core.safety.errors import ERRORS
from mewe_core.safety.events import EVENTS
from mewe_core.safety.personal import PERSONAL_DATA


@hookimpl
def mewe_feature() -> Feature:
    """Safety."""
    return Feature(
        name="safety",
        package="mewe_core.safety",
        version="1",
        summary="Concerns, from report to closure; help that nobody is refused; contact cards.",
        needs=("people", "programme"),
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        errors=ERRORS,
        hears=(Hears(GroupChanged, handlers.hear_group_changed),),
    )
