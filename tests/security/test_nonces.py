"""No nonce comes twice under one key: counted over many sealings, as a deployment makes them."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.opening import Keyrings
from mewe_host.keyring.sealed import Sealed, Within

from tests.extent import extent

SEALINGS = extent(20_000, 200_000)
PLACE = "chat_message/1/text"


def test_no_nonce_comes_twice_under_one_key(tmp_path: Path) -> None:
    """Of a person's words, of answers that are sealed within their key, and of what is sealed under a key of the country."""
    folder = tmp_path / "keys"
    keys = FileKeys.of(folder, "SE")
    keyrings = Keyrings("SE", f"sqlite:{tmp_path / 'data'}", folder, keys, Masters.of(folder, "SE"))

    async def story() -> None:
        seen = set[tuple[bytes, bytes]]()
        async with AsyncExitStack() as stack:
            ring = (await keyrings.opened(["chat"], stack))["chat"]
            for _ in range(SEALINGS):
                words = Sealed.read(await ring.seal("a", "chat", PLACE, "words"))
                answer = await ring.seal_within((("a", "chat"),), "day 1", "kit.answer", PLACE, b"answer")
                assert answer is not None
                outer = Within.outer(answer)
                seen |= {(words.key_id, words.nonce), (outer.key_id, outer.nonce)}
        assert len(seen) == 2 * SEALINGS
        assert len({key for key, _ in seen}) == 2

    asyncio.run(story())
    assert len({keys.seal("a purpose", b"words")[1:29] for _ in range(SEALINGS)}) == SEALINGS
