"""What a plugin adds, as one attrs class."""

from collections.abc import Awaitable, Callable
from typing import Generic, Never, TypeVar

import attrs
from attrs import frozen
from sqlalchemy import MetaData

from mewe_core.kit.access import Access
from mewe_core.kit.errors import Failure
from mewe_core.kit.events import Hears, Published
from mewe_core.kit.message_checks import MessageCheck
from mewe_core.kit.personal import PersonalData
from mewe_core.kit.ports import Work
from mewe_core.kit.preparing import Preparing
from mewe_core.kit.privacy.telling import ANSWERS
from mewe_core.kit.witness import AUDIT_CHECKPOINTS

EVERY_FEATURE_TELLS: tuple[Published, ...] = (*ANSWERS, AUDIT_CHECKPOINTS)
"""Events of the kit that no feature has to declare. Their protobuf messages are in ``mewe.kit.v1``."""

A = TypeVar("A", covariant=True)
R = TypeVar("R", contravariant=True)


@attrs.frozen
class NoSettings:
    """The settings of a feature that has none."""


@frozen
class Brought:
    """What a mix brings to every feature: the answers of its plugins to ``mewe_programmes`` and ``mewe_message_checks``, the
    country, and the languages that its people read, the first one first."""

    programmes: tuple[str, ...] = ()
    checks: tuple[MessageCheck, ...] = ()
    country: str = ""
    languages: tuple[str, ...] = ()


def as_they_are(settings: object, brought: Brought) -> object:
    """The settings, for a feature that has no use for what a mix brings to all."""
    return settings


@frozen
class Rpc(Generic[R, A]):
    """One RPC: ``post_message`` serves ``PostMessage`` of the feature's contract.

    The handler's annotations name the attrs classes of request and answer; an answer ``Follow[Message]`` is a stream of
    ``Message``, in the contract of answers that are one ``repeated Message`` and nothing besides. Whether it only reads is said
    once, in the contract (``idempotency_level = NO_SIDE_EFFECTS``).

    ``prepare`` is run before the unit, for what a unit cannot do because it waits; what it returns is ``work.prepared(...)``.
    A stream has none. ``waits`` says whether it does in this deployment, by what ``work.settings`` gives (True if there is no
    ``waits``): one that waits for nobody is run within the unit, which saves a look at the database before it.

    ``gives_much``: it gives a whole file or the like, of which nobody needs very many in a minute. Lists (``List...``, or an
    answer with a ``next_page_token``) count so by themselves.
    """

    handler: Callable[[R, Work], Awaitable[A]]
    access: Access[R]
    prepare: Callable[[R, Preparing], Awaitable[object]] | None = None
    waits: Callable[[object], bool] | None = None
    gives_much: bool = False

    @property
    def method(self) -> str:
        """Its name in the contract."""
        return "".join(word.capitalize() for word in self.handler.__name__.split("_"))


@frozen
class Start:
    """A coroutine run in a unit of its own each time a host starts the feature, before it serves; it must be repeatable.

    What it returns, if anything, is shown to whoever started the host (how to sign in, for example) and kept nowhere.
    """

    handler: Callable[[Work], Awaitable[str | None]]


@frozen
class Job:
    """A coroutine run in a unit of its own each second while a host serves the feature: what is due by the clock.

    It does a bounded amount (at most 500 rows) and says whether there is more to do at once. It must be repeatable.
    """

    handler: Callable[[Work], Awaitable[bool]]


@frozen(kw_only=True)
class Feature:
    """A feature, whole. Everything a host needs to serve it is here, or found by what is named here.

    ``name`` is its area: ``chat`` for ``mewe.chat.v1``. ``package`` holds ``contract.binpb`` (its descriptor set, imports
    included), ``migrations/`` and ``locale/``. ``configure`` is called once at the start with the feature's settings and what
    the mix brings to all; what it returns is what ``work.settings`` gives the handlers. A ``PluginFault`` stops the start.
    """

    name: str
    package: str
    version: str
    summary: str
    needs: tuple[str, ...] = ()
    rpcs: tuple[Rpc[Never, object], ...] = ()
    tables: MetaData
    personal: PersonalData
    events: tuple[Published, ...] = ()
    hears: tuple[Hears[Never], ...] = ()
    errors: tuple[type[Failure], ...] = ()
    starts: tuple[Start, ...] = ()
    jobs: tuple[Job, ...] = ()
    settings: type = NoSettings
    configure: Callable[[object, Brought], object] = as_they_are

    @property
    def tells(self) -> tuple[Published, ...]:
        """What it tells: what it declares, and what every feature tells."""
        declared = {one.kind for one in self.events}
        return (*self.events, *(one for one in EVERY_FEATURE_TELLS if one.kind not in declared))
