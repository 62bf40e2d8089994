"""The desks of one process, and whose tokens they trust."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Clock, Pushing

from mewe_host.apart.computing import Computing
from mewe_host.bus.live import Topics
from mewe_host.checking.checking import Checking
from mewe_host.desk.desk import FeatureDesk
from mewe_host.desk.effects import Effects
from mewe_host.desk.lent import Lent
from mewe_host.identity.ids import SystemIds
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.oidc import HttpIssuers
from mewe_host.identity.trust import TokenTrust
from mewe_host.mix.model import Mix
from mewe_host.parts import Seals, Store
from mewe_host.running import seen
from mewe_host.running.clock import FileClock, SystemClock
from mewe_host.running.plan import Plan
from mewe_host.running.seen import SeenClock
from mewe_host.wire.assembling import Wire

NOTHING = Pushing()
"""What a process offers devices that answers no calls."""


@frozen
class Desks:
    """A desk for each feature of a plan, and what they share."""

    by_name: Mapping[str, FeatureDesk]
    trust: TokenTrust
    live: Topics
    clock: SeenClock
    issuers: HttpIssuers
    checker: Checking


def machine(mix: Mix) -> Clock:
    """The machine's clock, or in a demo the file that stands for it."""
    return SystemClock() if mix.clock.file is None else FileClock(Path(mix.clock.file))


def desks(
    plan: Plan,
    wire: Wire,
    keys: FileKeys,
    keyrings: Mapping[str, Seals],
    stores: Mapping[str, Store],
    pushing: Pushing = NOTHING,
) -> Desks:
    """Set up the desks; nothing runs yet. Raises KeyFault if what the deployment has seen of time cannot be read."""
    mix = plan.mix
    clock = SeenClock(machine(mix), seen.beside(Path(mix.keys.folder)))
    trust, live = TokenTrust(mix.country, keys.public_key()), Topics(clock, streams=mix.limits.streams_a_person)
    effects, ids = Effects(trust, live), SystemIds()
    issuers, checker, compute = HttpIssuers(), Checking(), Computing()
    areas = tuple(one.name for one in plan.mounted.features)
    by_name = {
        one.name: FeatureDesk(
            one,
            stores[one.name],
            Lent(
                mix.country,
                clock,
                ids,
                keys,
                keyrings[one.name],
                plan.mounted.settings[one.name],
                issuers,
                areas,
                checker,
                pushing=pushing,
                compute=compute,
            ),
            effects,
            catalogue=plan.mounted.catalogue,
            codecs=wire.events,
        )
        for one in plan.serving
    }
    return Desks(by_name, trust, live, clock, issuers, checker)
