"""Texts that a person reads: Fluent messages of a package, in the languages its ``locale`` folder holds.

The one door to the Fluent library. A language without a message falls back to its plain form (``de-CH`` to ``de``), then to
English.
"""

from functools import cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

FALLBACK = "en"


@cache
def languages(package: str) -> tuple[str, ...]:
    """The languages a package has texts in, sorted."""
    folder = files(package) / "locale"
    return tuple(sorted(one.name.removesuffix(".ftl") for one in folder.iterdir() if one.name.endswith(".ftl")))


def say(package: str, language: str, key: str, **arguments: str | int) -> str:
    """One text, filled in. Raises KeyError if not even English has it."""
    for tag in (language, language.split("-")[0], FALLBACK):
        bundle = _bundle(package, tag) if tag in languages(package) else None
        if bundle is not None and bundle.has_message(key):
            pattern = bundle.get_message(key).value
            if pattern is not None:
                text, _ = bundle.format_pattern(pattern, arguments)
                return str(text)
    raise KeyError(f"{package} has no text {key}")


@cache
def _bundle(package: str, language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource((files(package) / "locale" / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle
