"""The kit's rules, held up to notices."""

from typing import Any

from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import Stage
from mewe_core.notices.model import AddDeviceRequest, SetNoticeSettingsRequest
from mewe_core.notices.testing import POINT, SECRET, Bell


class TestNotices(Conformance):
    """Somebody with a device and something new."""

    feature = "notices"

    def example(self, kind: type[Any], id_: str) -> Any:
        """Requests with what a browser gives."""
        if kind is AddDeviceRequest:
            return AddDeviceRequest("r", "https://fcm.googleapis.com/fcm/send/1", POINT, SECRET)
        if kind is SetNoticeSettingsRequest:
            return SetNoticeSettingsRequest("r", True, 0, 0, "UTC")
        return super().example(kind, id_)

    def furnish(self, stage: Stage) -> None:
        """A device and an occurrence."""
        bell = Bell(stage)
        bell.wants("ada")
        bell.device("ada")
        bell.due("ada", "one")
