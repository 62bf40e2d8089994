"""What a deployment decides, and what its mix brings besides."""

from attrs import field, frozen
from mewe_core.kit.checks import between, few, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.faults import PluginFault
from mewe_core.kit.feature import Brought
from mewe_core.kit.message_checks import MessageCheck

from mewe_chat.model import LONGEST_MESSAGE

LIMIT_VERSION = 1
"""The version of our limit of confidentiality (``locale``). Whoever changes its words raises it: everybody is asked again."""

FIRST_OWN_VERSION = 101
"""With which version a deployment's own limit of confidentiality begins, so that none is taken for one of ours."""


@frozen
class LimitText:
    """The limit of confidentiality in a language. ``reviewed``: somebody who speaks the language has reviewed the words."""

    language: str = field(validator=language_tag)
    text: str = field(validator=text(2000))
    reviewed: bool = False


@frozen
class ChatSettings:
    """What a deployment decides. ``longest_message``: characters, 1 to 4,000.

    ``limit_texts``: its own limit of confidentiality in place of ours, in the version ``limit_version`` (101 or more; 0 where
    ours is shown): whoever wants to write has to read a new version first. ``archive_days``: how long after a
    group's end its rooms are listed with the others.

    ``sites``: hosts that participants may link to, each with all that ends in a dot and it. ``without_checks``: names of checks
    that do not run here. ``check_milliseconds``: how long a check that runs apart may take. ``concern_on_crisis``: whether
    words of acute crisis are brought to the adults who look after everybody's safety, by rule of the country.
    """

    longest_message: int = field(default=LONGEST_MESSAGE, validator=between(1, LONGEST_MESSAGE))
    limit_version: int = field(default=0, validator=between(0, 1_000_000))
    limit_texts: tuple[LimitText, ...] = field(default=(), validator=few(50))
    archive_days: int = field(default=30, validator=between(0, 3650))
    sites: tuple[str, ...] = field(default=(), validator=few(500))
    without_checks: tuple[str, ...] = field(default=(), validator=few(50))
    check_milliseconds: int = field(default=250, validator=between(10, 5000))
    concern_on_crisis: bool = True

    def __attrs_post_init__(self) -> None:
        if self.limit_texts and self.limit_version < FIRST_OWN_VERSION:
            raise Invalid(
                Field("limit_version", f"with texts of one's own, a number from {FIRST_OWN_VERSION} on, higher each time")
            )
        if self.limit_version and not self.limit_texts:
            raise Invalid(Field("limit_texts", "what this version says, in at least one language"))


@frozen
class Deployed:
    """The settings with what the mix brings to all."""

    settings: ChatSettings
    brought: Brought = field(factory=Brought)
    checks: tuple[MessageCheck, ...] = field(init=False)
    """The checks that run here, in their order."""

    @checks.default
    def _run_here(self) -> tuple[MessageCheck, ...]:
        return tuple(one for one in self.brought.checks if one.name not in self.settings.without_checks)

    @property
    def limit_version(self) -> int:
        """Which version of the limit of confidentiality is shown."""
        return self.settings.limit_version or LIMIT_VERSION


def configure(settings: object, brought: Brought) -> Deployed:
    """What the handlers are given as settings. Raises TypeError for settings of another feature, PluginFault for no check."""
    if not isinstance(settings, ChatSettings):
        raise TypeError("these are not the settings of the chat")
    there = [one.name for one in brought.checks]
    for name in settings.without_checks:
        if name not in there:
            raise PluginFault(f'without_checks: there is no check "{name}"; allowed: {", ".join(there) or "none"}')
    return Deployed(settings, brought)
