"""What evaluation tells: that there is something, never what was answered."""

from mewe_core.kit.events import Published
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.safety.events import Reported

EVENTS: tuple[Published, ...] = (
    Published(Reported, aggregate="report_id", meaning="Somebody has to look at an answer; what it says is not told."),
    Published(NoticeDue, aggregate="person_id", meaning="Somebody is asked something; what is not told."),
    Published(NoticeDone, aggregate="person_id", meaning="Somebody has answered, or is not asked any more."),
)
"""What evaluation tells."""
