"""Where young people write, somebody looks after them: the chat cannot be had without safety."""

import pytest
from mewe_core.kit.plugins import PluginFault, load


def test_a_mix_with_the_chat_and_without_safety_is_refused() -> None:
    """In words that name both."""
    with pytest.raises(PluginFault, match='"chat" needs "safety", which the mix does not name'):
        load(("people", "programme", "chat"))
    assert [one.name for one in load(("people", "programme", "safety", "chat"))[0]][-1] == "chat"
