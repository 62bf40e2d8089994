"""What a deployment decides, and what its mix brings besides."""

from attrs import field, frozen
from mewe_core.kit.checks import between, few, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.feature import Brought

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
    """

    longest_message: int = field(default=LONGEST_MESSAGE, validator=between(1, LONGEST_MESSAGE))
    limit_version: int = field(default=0, validator=between(0, 1_000_000))
    limit_texts: tuple[LimitText, ...] = field(default=(), validator=few(50))
    archive_days: int = field(default=30, validator=between(0, 3650))

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

    @property
    def limit_version(self) -> int:
        """Which version of the limit of confidentiality is shown."""
        return self.settings.limit_version or LIMIT_VERSION


def configure(settings: object, brought: Brought) -> Deployed:
    """What the handlers are given as settings. Raises TypeError for settings of another feature."""
    if not isinstance(settings, ChatSettings):
        raise TypeError("these are not the settings of the chat")
    return Deployed(settings, brought)
