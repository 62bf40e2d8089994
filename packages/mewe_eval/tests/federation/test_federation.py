"""One model over countries that show nobody anything but totals: the same as of the table that nobody has."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from mewe_eval.federation.country import Country
from mewe_eval.federation.hub import Hub
from mewe_eval.federation.masks import LARGEST, MaskKey, masked, total
from mewe_eval.federation.messages import Message, MessageRefused, Round
from mewe_eval.federation.rules import agreed
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import Vector
from numpy.typing import NDArray

NAMES = ("(Intercept)", "arm", "before", "after")
KEYS = {
    code: Ed25519PrivateKey.from_private_bytes(bytes([place]) * 32) for place, code in enumerate(("IT", "NL", "SE", "SI"), 1)
}
AROUND = Round("round-1", "a" * 64, "b" * 64, tuple(KEYS), NAMES, largest=12)

Table: TypeAlias = tuple[Vector, Vector, NDArray[np.int64]]


def verify(country: str, said: bytes, signature: bytes) -> bool:
    """Whether the country's own key signed it."""
    try:
        KEYS[country].public_key().verify(signature, said)
    except Exception:
        return False
    return True


def table(seed: int, clusters: int, smallest: int = 6, largest: int = 9) -> Table:
    """A design, an outcome and clusters of one country."""
    chance = np.random.default_rng(seed)
    sizes = chance.integers(smallest, largest, clusters)
    cluster = np.repeat(np.arange(clusters), sizes) + 1000 * seed
    arm = np.repeat(np.arange(clusters) % 2, sizes).astype(float)
    before = chance.normal(50, 10, len(arm))
    after = 0.6 * before - 2 * arm + np.repeat(chance.normal(0, 3, clusters), sizes) + chance.normal(0, 6, len(arm))
    return np.column_stack([np.ones(len(arm)), arm, before]), after, cluster


def together(*tables: Table) -> Table:
    """Several tables as one."""
    designs, outcomes, clusters = zip(*tables, strict=True)
    return np.concatenate(designs), np.concatenate(outcomes), np.concatenate(clusters)


def countries(tables: Mapping[str, Table], around: Round = AROUND) -> dict[str, Country]:
    """The countries of a round, each with its own table, secret and key."""
    return {
        code: Country(code, around, Moments.of(*of, NAMES), bytes([100 + place]) * 32, KEYS[code].sign, verify)
        for place, (code, of) in enumerate(tables.items())
    }


def voted(parts: Mapping[str, Country], hub: Hub) -> bool:
    """The first three steps: whether all agree."""
    keys = [one.key() for one in parts.values()]
    sizes = [one.sizes(keys) for one in parts.values()]
    hub.totals(sizes)
    return hub.all_agreed([one.vote(sizes) for one in parts.values()])


TABLES = {code: table(seed, 20) for seed, code in enumerate(KEYS, 1)}


def pooled() -> Moments:
    """The sums of the one table that nobody has."""
    return Moments.of(*together(*TABLES.values()), NAMES)


def test_federated_is_pooled() -> None:
    """Coefficients, errors, variances and criterion agree with those of all tables put together, by far within 1e-6."""
    parts, hub = countries(TABLES), Hub(AROUND, verify)
    assert voted(parts, hub)
    found, whole = fit(hub.moments([one.sums() for one in parts.values()])), fit(pooled())
    assert found.moments.n == whole.moments.n
    np.testing.assert_allclose(found.coefficients, whole.coefficients, rtol=1e-9)
    np.testing.assert_allclose(found.errors, whole.errors, rtol=1e-9)
    np.testing.assert_allclose(
        [found.between, found.within, found.deviance], [whole.between, whole.within, whole.deviance], rtol=1e-9
    )


def test_the_order_of_messages_changes_nothing() -> None:
    """The hub's sums are the same to the last digit in whichever order the countries' messages come."""
    parts, hub = countries(TABLES), Hub(AROUND, verify)
    assert voted(parts, hub)
    sums = [one.sums() for one in parts.values()]
    one, other = hub.moments(sums), hub.moments(sums[::-1])
    assert (one.cross == other.cross).all()


def test_one_message_tells_nothing() -> None:
    """What a country sends of the same table under another secret has nothing in common; three of four add up to nothing."""
    values = Moments.of(*TABLES["SE"], NAMES).cross.reshape(-1)
    keys = {code: MaskKey(bytes([place]) * 32) for place, code in enumerate(KEYS, 50)}
    public = {code: key.public for code, key in keys.items()}

    def shown(code: str, context: bytes) -> list[int]:
        return masked(values, code, keys[code], {other: public[other] for other in KEYS if other != code}, context)

    assert not set(shown("SE", b"one")) & set(shown("SE", b"another"))
    several = [shown(code, b"one") for code in KEYS]
    np.testing.assert_allclose(total(several), 4 * values, rtol=1e-15)
    assert (np.abs(total(several[1:])) > 1e20).all()


def test_masked_numbers_are_spread_evenly() -> None:
    """Of 4,096 masked zeros each bit of the first byte is set about half of the time."""
    key, other = MaskKey(b"k" * 32), MaskKey(b"o" * 32)
    shown = masked([0.0] * 4096, "SE", key, {"NL": other.public}, b"x")
    bits = np.unpackbits(np.array([one >> 248 for one in shown], dtype=np.uint8).reshape(-1, 1), axis=1).mean(axis=0)
    assert (np.abs(bits - 0.5) < 5 * 0.5 / 64).all()


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=5))
def test_sums_are_exact(values: list[float]) -> None:
    """Masks leave no trace: what comes out is what went in, however large or small beside each other."""
    keys = {code: MaskKey(bytes([place]) * 32) for place, code in enumerate(("A", "B"), 1)}
    shown = [
        masked(
            values if code == "A" else [0.0] * len(values),
            code,
            key,
            {other: keys[other].public for other in keys if other != code},
            b"c",
        )
        for code, key in keys.items()
    ]
    np.testing.assert_allclose(total(shown), values, rtol=1e-15, atol=2.0**-90)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), LARGEST])
def test_what_cannot_be_summed_is_refused(value: float) -> None:
    """No number, or one so large that the total could run over."""
    with pytest.raises(ValueError, match="too large"):
        masked([value], "SE", MaskKey(b"k" * 32), {}, b"c")


@pytest.mark.parametrize(
    ("total_of_size", "own", "agrees"),
    [
        *((0, 0, True), (1, 0, False), (1, 1, False), (2, 0, False), (2, 2, False), (3, 0, True), (3, 1, False), (3, 3, True)),
        *((4, 1, True), (4, 2, False), (5, 2, True), (5, 3, False), (5, 5, True), (6, 3, True)),
    ],
)
def test_who_agrees_to_which_sums(total_of_size: int, own: int, agrees: bool) -> None:
    """All together none or at least three of a size, and all others together as well."""
    assert agreed({7: total_of_size}, {7: own}) is agrees


def test_one_lonely_group_stops_the_sums() -> None:
    """A group of a size that no other has: nobody agrees, no country gives its sums, and each gives its own estimates."""
    lonely = table(10, 1, 11, 12)
    parts = countries({**TABLES, "SE": together(TABLES["SE"], lonely)})
    hub = Hub(AROUND, verify)
    assert not voted(parts, hub)
    with pytest.raises(MessageRefused, match="SE has not agreed"):
        parts["SE"].sums()
    told = hub.estimates([one.estimate(Method.REML) for one in parts.values()])
    assert not told.refused
    own = fit(Moments.of(*TABLES["NL"], NAMES))
    assert told.found["NL"]["arm"] == pytest.approx((own.coefficients[1], own.errors[1]), rel=1e-12)


def forged(message: Message) -> list[tuple[Message, str]]:
    """A message that is not what it says, and how it is refused."""
    return [
        (evolve(message, country="DE"), "DE is not one of the countries"),
        (evolve(message, body=message.body.replace('"', '"0', 1)), "did not sign"),
        (evolve(message, country="NL"), "NL did not sign"),
        (evolve(message, signature=bytes(64)), "did not sign"),
    ]


def test_a_message_that_does_not_belong_is_refused_by_its_reason() -> None:
    """A stranger, changed words, another's name, no signature, another round's, a missing and a second one."""
    parts, hub = countries(TABLES), Hub(AROUND, verify)
    keys = [one.key() for one in parts.values()]
    sizes = [one.sizes(keys) for one in parts.values()]
    for bad, reason in forged(sizes[0]):
        with pytest.raises(MessageRefused, match=reason):
            hub.totals([bad, *sizes[1:]])
    with pytest.raises(MessageRefused, match='IT has not sent its "sizes"'):
        hub.totals(sizes[1:])
    with pytest.raises(MessageRefused, match="twice"):
        hub.totals([*sizes, sizes[0]])
    with pytest.raises(MessageRefused, match='"sizes" where "sums"'):
        hub.moments(sizes)
    for other in (evolve(AROUND, id="round-2"), evolve(AROUND, plan="c" * 64), evolve(AROUND, instruments="d" * 64)):
        with pytest.raises(MessageRefused, match="did not sign this for this round"):
            Hub(other, verify).totals(sizes)


def test_countries_work_the_totals_out_themselves() -> None:
    """A hub that hides one country's sizes from another gets no vote."""
    parts = countries(TABLES)
    keys = [one.key() for one in parts.values()]
    sizes = [one.sizes(keys) for one in parts.values()]
    with pytest.raises(MessageRefused, match='SI has not sent its "sizes"'):
        parts["SE"].vote(sizes[:-1])


def test_a_cluster_beyond_the_round_is_refused() -> None:
    """Before anything leaves the country."""
    with pytest.raises(ValueError, match="larger than the 12"):
        countries({"SE": table(3, 4, 13, 15)})
