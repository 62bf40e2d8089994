"""What hypothesis may draw: ids, moments, texts that break things, standings."""

from hypothesis import strategies as draw
from hypothesis.strategies import SearchStrategy
from whenever import Instant

from mewe_core.kit.access import Held, Role, ScopeKind
from mewe_core.kit.values import micros, moment

NASTY = (
    "ǻä̈ö",
    "e\u0301 is not é",
    "👩‍👧‍👦 family of one glyph",
    "مرحبا \u202eright to left\u202c",
    "\u200binvisible\u200b",
    "İstanbul ß ﬃ",
    "'; DROP TABLE message; --",
    '"\\" \\u0000 %s {0} $1 :name',
    "<script>alert(1)</script>",
    "=1+1",
    "\ufeffbyte order mark",
    "line\none\ttab",
    "𝕌𝕟𝕚𝕔𝕠𝕕𝕖 beyond the basic plane",
)
"""Texts that people may write and that careless code breaks on."""


def ids() -> SearchStrategy[str]:
    """Identifiers, as the platform makes them and as others might."""
    return draw.uuids().map(lambda one: one.hex) | draw.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)


def moments(
    least: Instant = Instant.from_utc(1970, 1, 1),  # noqa: B008
    most: Instant = Instant.from_utc(2200, 1, 1),  # noqa: B008
) -> SearchStrategy[Instant]:
    """Moments in whole microseconds from ``least`` to ``most``, both included."""
    return draw.integers(micros(least), micros(most)).map(moment)


def texts(most: int = 4000, *, least: int = 1) -> SearchStrategy[str]:
    """Texts of ``least`` to ``most`` characters that ``checks.text`` accepts, nasty ones among them."""
    letters = draw.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
    plain = draw.text(letters, min_size=least, max_size=min(most, 200))
    nasty = draw.sampled_from([one for one in NASTY if least <= len(one) <= most] or ["x" * least])
    return (plain | nasty).filter(lambda text: not least or bool(text.strip()))


def roles() -> SearchStrategy[Role]:
    """Any role."""
    return draw.sampled_from(Role)


def standings(scope_ids: SearchStrategy[str] | None = None) -> SearchStrategy[Held]:
    """Any role held anywhere, open or ended; never ended before it began."""

    def held(role: Role, kind: ScopeKind, scope_id: str, since: Instant, lasts: int | None) -> Held:
        until = None if lasts is None else moment(micros(since) + lasts)
        return Held(role, kind, scope_id, since, until)

    return draw.builds(
        held,
        roles(),
        draw.sampled_from(ScopeKind),
        ids() if scope_ids is None else scope_ids,
        moments(),
        draw.none() | draw.integers(0, 10**14),
    )
