"""The users of NATS that a deployment needs, and the lines by which nats-server knows them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen
from mewe_core.kit.events import Catalogue
from mewe_core.kit.feature import Feature

from mewe_host.bus import permissions
from mewe_host.bus.connection import Connection
from mewe_host.bus.nkeys import UserKey
from mewe_host.bus.permissions import KEEPER, Permissions
from mewe_host.bus.stale import write_private
from mewe_host.bus.streams import consumer, hear, keep
from mewe_host.bus.subjects import ALL, Names, Told, process

FILE = "accounts.conf"

_ACCOUNT = """\
accounts {{
  MEWE_{country} {{
    jetstream: enabled
    users: [
{users}
    ]
  }}
}}
"""
_USER = """\
      {{ # {name}
        nkey: {nkey}
        permissions: {{
          publish: {{ allow: [{publish}] }}
          subscribe: {{ allow: [{subscribe}] }}
        }}
      }}"""


@frozen
class Accounts:
    """The account of a country: what each process and the keeper may do, by its name."""

    country: str
    permitted: Mapping[str, Permissions]

    @classmethod
    def of(cls, country: str, catalogue: Catalogue, features: Sequence[Feature], groups: Sequence[Sequence[str]]) -> "Accounts":
        """For processes that each serve a group of the features, and for the keeper of the streams."""
        names, by_name = Names(country), {one.name: one for one in features}
        permitted = {KEEPER: permissions.of_keeper(names, catalogue, features)}
        for group in groups:
            called = process(group, tuple(by_name))
            served = [by_name[one] for one in group]
            all_of_it = called == ALL
            permitted[called] = (
                permissions.of_all(names, catalogue, features)
                if all_of_it
                else permissions.of_process(names, catalogue, served, called)
            )
        return cls(country, permitted)

    def keys(self, folder: Path) -> Mapping[str, UserKey]:
        """The key of each, from the folder; one that is not there is made, readable by its owner alone. Raises BusFault."""
        found = {}
        for name in self.permitted:
            file = folder / f"{name}.nk"
            if not file.exists():
                write_private(file, f"{UserKey.fresh().seed}\n")
            found[name] = UserKey.read(file.read_text())
        return found

    def configuration(self, keys: Mapping[str, UserKey]) -> str:
        """What nats-server reads: it knows the public halves, and whom it does not know it refuses."""
        users = [
            _USER.format(name=name, nkey=keys[name].public, publish=_listed(one.publish), subscribe=_listed(one.subscribe))
            for name, one in self.permitted.items()
        ]
        return _ACCOUNT.format(country=self.country, users="\n".join(users))


async def keep_streams(
    connection: Connection, country: str, catalogue: Catalogue, features: Sequence[Feature], *, replicas: int
) -> Sequence[str]:
    """Make every stream of the mix and the places in them, or bring them up to date; gives their names."""
    names = Names(country)
    stream = (await connection.client()).jetstream(timeout=5)
    made: list[str] = []
    for feature in features:
        told = Told.of(catalogue, feature.name)
        await keep(stream, names, told, replicas=replicas)
        made += told.streams(names)
    for feature in features:
        for place in permissions.places(names, catalogue, feature):
            await hear(stream, place.stream, consumer(place.durable, place.subjects))
    return made


def _listed(subjects: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in subjects)
