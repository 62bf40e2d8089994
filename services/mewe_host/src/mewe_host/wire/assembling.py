"""Everything about the wire that a host knows once it has started."""

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen
from mewe_core.kit.events import Event, snake
from mewe_core.kit.feature import Feature

from mewe_host.parts import Codec, Method
from mewe_host.wire.codecs import Codecs
from mewe_host.wire.contracts import Contracts, WireFault, contracts_of
from mewe_host.wire.methods import bind, everywhere


@frozen
class Wire:
    """The contracts, the methods served here by path, and the codec of every event of the mix by area and name.

    An event's two names are those of its subject: ``("chat", "message_posted")``.
    """

    contracts: Contracts
    methods: Mapping[str, Method]
    events: Mapping[tuple[str, str], Codec[Event]]


def assemble(features: Sequence[Feature], serving: Collection[str] | None = None) -> Wire:
    """The wire of a mix. ``features`` are all of it, ``serving`` names those that this host serves (None: all).

    Raises WireFault that names every misfit between the features and their contracts.
    """
    codecs = Codecs(contracts_of(features))
    methods: dict[str, Method] = {}
    events: dict[tuple[str, str], Codec[Event]] = {}
    for feature in features:
        if serving is None or feature.name in serving:
            methods |= bind(feature, codecs)
        for published in feature.tells:
            codec = codecs.event(published.kind, feature.name)
            if codec is not None:
                events[feature.name, snake(published.kind.__name__)] = codec
    methods |= everywhere([one for one in features if serving is None or one.name in serving], codecs)
    if codecs.problems:
        raise WireFault(codecs.problems)
    return Wire(codecs.contracts, methods, events)
