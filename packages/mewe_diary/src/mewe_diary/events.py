"""What the diary tells: nothing. That somebody writes is nobody's to hear."""

from mewe_core.kit.events import Published

EVENTS: tuple[Published, ...] = ()
