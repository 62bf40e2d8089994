"""Has checks look at drafts: quick ones in line, the others apart; one that does not finish again and again is switched off."""

import asyncio
from collections.abc import Sequence

import structlog
from attrs import define, field
from mewe_core.kit.message_checks import Draft, MessageCheck, Verdict

from mewe_host.checking.apart import Apart

MOST_IN_A_ROW = 3
"""So often a check may fail one time after the other before it is switched off."""

OFF_SECONDS = 60.0
"""So long it stays off; then it is tried again."""

_START_SECONDS = 15.0

_LOG = structlog.get_logger()


@define
class _Known:
    """One check, and how it fares."""

    check: MessageCheck
    apart: Apart | None
    in_a_row: int = 0
    off_until: float = field(default=0.0)


class Checking:
    """The checks of one process (``kit.preparing.Checker``). Begin it, and close it."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    async def begin(self, checks: Sequence[MessageCheck]) -> None:
        """Start what runs apart, and wait until it can look. What does not come up is said in the log, and fails closed."""
        self._known = {one.name: _Known(one, None if one.quick else Apart(one)) for one in checks}
        there = [one.apart for one in self._known.values() if one.apart is not None]
        await asyncio.gather(*(one.begin(_START_SECONDS) for one in there))

    async def __call__(self, check: MessageCheck, draft: Draft, seconds: float) -> Verdict | None:
        """What it found; None if it failed, did not finish in time, or is switched off."""
        known = self._known.get(check.name)
        if known is None or (known.off_until and known.off_until > asyncio.get_running_loop().time()):
            return None
        verdict = _in_line(check, draft) if known.apart is None else await known.apart.look(draft, seconds)
        if isinstance(verdict, Verdict):
            known.in_a_row = 0
            return verdict
        self._failed(known)
        return None

    def notes(self) -> tuple[str, ...]:
        """What somebody should look at: checks that are switched off now."""
        now = asyncio.get_running_loop().time()
        return tuple(
            f"the check {one.check.name} does not finish and is switched off for a minute at a time: "
            + ("messages are held back until leaders decide" if one.check.crisis else "messages are refused")
            for one in self._known.values()
            if one.off_until > now
        )

    async def close(self) -> None:
        """End what runs apart."""
        for one in self._known.values():
            if one.apart is not None:
                await one.apart.close()

    def _failed(self, known: _Known) -> None:
        known.in_a_row += 1
        _LOG.error("a check of messages failed", part=known.check.name, count=known.in_a_row)
        if known.in_a_row >= MOST_IN_A_ROW:
            known.off_until = asyncio.get_running_loop().time() + OFF_SECONDS
            known.in_a_row = MOST_IN_A_ROW - 1  # the next failure after that switches it off again
            _LOG.error("a check of messages is switched off", part=known.check.name, seconds=OFF_SECONDS)


def _in_line(check: MessageCheck, draft: Draft) -> Verdict | None:
    try:
        return check.look(draft)
    except Exception as fault:
        _LOG.error("a check of messages raised", part=check.name, error=type(fault).__name__)
        return None
