"""When so many wrong codes come that not every attempt is looked at. Pure."""

WINDOW_MINUTES = 10
"""How far back wrong codes count."""

SHARE = 8
"""Of attempts beyond the bound, one in so many is looked at, whatever its code: nobody can lock a country out by guessing,
because whoever has a good code and tries again gets in."""


def is_looked_at(wrong: int, most: int, chance: int) -> bool:
    """Whether an attempt is looked at, when so many codes of the last minutes were wrong. ``chance``: 0 to 255, at random."""
    return wrong <= most or chance % SHARE == 0
