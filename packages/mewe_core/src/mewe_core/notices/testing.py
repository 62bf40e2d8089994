"""Notices on a stage: for tests and documentation."""

from whenever import Instant

from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.ports import Push, Pushing
from mewe_core.kit.testing import Stage
from mewe_core.notices import handlers
from mewe_core.notices.model import AddDeviceRequest, NoticeSettings, SetNoticeSettingsRequest

ZONE = "Europe/Stockholm"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/"
POINT = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"  # noqa: S105
"""The key and the secret of the example in RFC 8291, appendix A."""


class Bell:
    """People, their devices, and what is new for them; the deployment pushes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.pushing = Pushing("a key")

    def wants(self, person: str, quiet: tuple[int, int] = (0, 0), zone: str = ZONE, *, wanted: bool = True) -> NoticeSettings:
        """Let somebody choose; without quiet hours, if none are named."""
        request = SetNoticeSettingsRequest(self.stage.ids.new(), wanted, *quiet, zone)
        return self.stage.call(handlers.set_notice_settings, request, by=person)

    def device(self, person: str, name: str = "", session: str | None = None) -> NoticeSettings:
        """Let notices come to a device of somebody."""
        request = AddDeviceRequest(self.stage.ids.new(), ENDPOINT + (name or person), POINT, SECRET)
        return self.stage.call(handlers.add_device, request, by=person, session=session)

    def due(self, person: str, occurrence: str, at: Instant | None = None) -> None:
        """Tell that there is something new."""
        self.stage.hear(NoticeDue(occurrence, person, at or self.stage.clock.now()))

    def done(self, person: str, occurrence: str) -> None:
        """Tell that it was seen."""
        self.stage.hear(NoticeDone(occurrence, person))

    def left(self) -> list[Push]:
        """What has left by now."""
        self.stage.do_jobs()
        return self.stage.pushes
