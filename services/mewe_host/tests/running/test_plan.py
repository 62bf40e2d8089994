"""The issuer for trying out is on a free port that nobody else is given before the face listens there."""

import socket
from collections import deque
from pathlib import Path

from mewe_host.mix import mount
from mewe_host.running.plan import elsewhere

MIX = """
country = "SE"
demo = true
trial_issuer = true

[features.people]

[[features.people.issuers]]
issuer = "http://127.0.0.1:0/trial-issuer"
client_id = "mewe-demo"
redirect_uri = "http://127.0.0.1:0/"
roles = [{ claim = "groups", value = "mewe-centre", role = "national" }]

[http]
address = "127.0.0.1:0"

[grpc]
address = "127.0.0.1:0"
"""
SYSTEM_HANDS_OUT = 60_000  # more than twice as many ports as it has for whoever asks for any
AT_ONCE = 200


def test_whoever_asks_for_any_port_is_not_given_the_one_of_the_trial_issuer(tmp_path: Path) -> None:
    """However many ask; the face, which asks for it by its number, is."""
    file = tmp_path / "mix.toml"
    file.write_text(MIX)
    chosen = elsewhere(mount(file), http=None, grpc=None).mix.http
    held: deque[socket.socket] = deque()
    given = set()
    for _ in range(SYSTEM_HANDS_OUT):
        held.append(socket.create_server((chosen.host, 0)))
        given.add(held[-1].getsockname()[1])
        if len(held) > AT_ONCE:
            held.popleft().close()
    for one in held:
        one.close()
    assert chosen.port not in given
    with socket.create_server((chosen.host, chosen.port)) as face:
        assert face.getsockname()[1] == chosen.port
