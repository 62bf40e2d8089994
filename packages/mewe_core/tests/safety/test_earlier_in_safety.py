"""Whoever came back on a new device does not see what was kept before, until it was opened with them; help goes on."""

import pytest
from mewe_core.kit.earlier import EarlierClosed
from mewe_core.kit.errors import StillClosed
from mewe_core.safety.handlers import cards, help
from mewe_core.safety.model.cards import GetMyCardRequest, ListMyCardOpeningsRequest
from mewe_core.safety.model.help import ListMyConcernsRequest
from mewe_core.safety.testing import Watch


def test_earlier_concerns_and_the_card_are_closed_to_whoever_came_back(watch: Watch) -> None:
    """What is asked from the return on is shown, and asking is refused to nobody; opened, everything is there again."""
    stage = watch.stage
    watch.guard()
    earlier = watch.help("ada", "I am afraid at home").id
    now = stage.clock.advance(minutes=1)
    stage.hear(EarlierClosed("return", "ada", now))
    later = watch.help("ada").id

    def mine() -> list[str]:
        return [one.id for one in stage.call(help.list_my_concerns, ListMyConcernsRequest(), by="ada").concerns]

    assert mine() == [later]
    with pytest.raises(StillClosed):
        stage.call(cards.get_my_card, GetMyCardRequest(), by="ada")
    assert stage.call(cards.list_my_card_openings, ListMyCardOpeningsRequest(), by="ada").next_page_token == ""
    stage.call(cards.get_my_card, GetMyCardRequest(), by="bo")
    stage.hear(EarlierClosed("return", "ada", None))
    assert mine() == [earlier, later]
    stage.call(cards.get_my_card, GetMyCardRequest(), by="ada")
