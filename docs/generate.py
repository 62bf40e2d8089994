"""Generates the reference pages from the features themselves: hooks, events, errors, access, personal-data.

Run by ``make docs``; ``--check`` compares instead and says what is stale. A page has one section a feature, so that a checkout
without some feature can still be checked.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Never, get_type_hints

from mewe_core.kit import hookspecs, records
from mewe_core.kit.access import Access, Role
from mewe_core.kit.errors import KIT_FAILURES, Failure, kind
from mewe_core.kit.feature import Feature
from mewe_core.kit.plugins import installed, load
from mewe_core.kit.privacy import register
from mewe_host.desk.failures import HOST_FAILURES
from mewe_host.running.health import NotReady

DOCS = Path(__file__).resolve().parent
Sections = dict[str, str]


def specified(module: ModuleType) -> list[tuple[str, Callable[..., object]]]:
    """The hooks of a module of hook specifications."""
    return inspect.getmembers(module, lambda one: inspect.isfunction(one) and one.__name__.startswith("mewe_"))


def hooks() -> Sections:
    """One section a hook."""
    return {f"`{name}{inspect.signature(hook)}`": inspect.getdoc(hook) or "" for name, hook in specified(hookspecs)}


def undocumented(module: ModuleType) -> list[str]:
    """Hooks whose docstring leaves out when it is called, what several answers mean, or what an exception does."""
    wanted = ("Called", "answer", "exception")
    return [
        f"{name}: say when it is called, what several answers mean, and what an exception does"
        for name, hook in specified(module)
        if not all(word.lower() in (inspect.getdoc(hook) or "").lower() for word in wanted)
    ]


def events(feature: Feature) -> str:
    """A feature's events as a table."""
    rows = [
        (
            f"`{one.kind.__name__}`",
            one.meaning,
            f"`{one.aggregate}`",
            "newest kept" if one.state else "a week",
            "may leave the country" if one.shared else "stays",
            ", ".join(f"`{name}`" for name in get_type_hints(one.kind)),
        )
        for one in feature.events
    ]
    return table(("event", "meaning", "aggregate", "kept in transport", "reach", "fields"), rows)


def errors(failures: Iterable[type[Failure]]) -> str:
    """Failures as a table."""
    rows = [(f"`{one.reason}`", kind(one).__name__, one.sentence) for one in failures]
    return table(("reason", "kind", "what the caller is told"), rows)


def access(feature: Feature) -> str:
    """Who may call which RPC: RPC by role, and what else the rule says."""
    head = ("RPC", *(role.value.replace("_", " ") for role in Role), "and")
    rows = [
        (f"`{rpc.method}`", *("•" if role in rpc.access.roles else "" for role in Role), besides(rpc.access))
        for rpc in feature.rpcs
    ]
    return table(head, rows)


def besides(rule: Access[Never]) -> str:
    """What a rule says besides roles, in words."""
    if rule.always:
        return "everybody, whatever token they have or lack"
    if not rule.signed_in:
        return "everybody"
    said = [] if rule.roles or rule.own else ["whoever is signed in, for what is their own"]
    said += ["the person it is about"] if rule.own else []
    said += [f"participants with consent: {rule.consent.value.replace('_', ' ')}"] if rule.consent is not None else []
    said += ["closed after coming back on a new device"] if rule.earlier else []
    return "; ".join(said)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; a sentence if it has no rows."""
    if not rows:
        return "None."
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ").replace("|", "\\|") for cell in line) + " |" for line in lines)


def pages() -> dict[str, tuple[str, Sections]]:
    """Every page: its opening, and its sections by title."""
    features, _ = load(tuple(sorted(installed())))

    def each(describe: Callable[[Feature], str]) -> Sections:
        return {one.name: describe(one) for one in sorted(features, key=lambda one: one.name)}

    return {
        "hooks.md": ("# Hooks\n\nWhat a plugin may answer. Each is typed and called as it says here.", hooks()),
        "events.md": (
            "# Events\n\nEverything that features tell each other. No event holds a word a person wrote.",
            each(events),
        ),
        "errors.md": (
            "# Errors\n\nThe closed list. Every failure has one of these reasons, over gRPC and HTTP alike.",
            {"kit": errors(KIT_FAILURES), "host": errors((*HOST_FAILURES, NotReady)), **each(lambda one: errors(one.errors))},
        ),
        "access.md": (
            "# Access\n\nWho may call what: by a role in what it is about, in its organisation, or in the country (a concern, "
            "and what is one person's own, are closed to roles around them). What somebody may not see looks like what does "
            "not exist. Guardians have no account, and no rule names them.",
            each(access),
        ),
        "personal-data.md": (
            register.OPENING,
            {"kit": register.section(records.PERSONAL_DATA), **each(lambda one: register.section(one.personal))},
        ),
    }


def parsed(text: str) -> Sections:
    """The sections of a page that was written."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    return {title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def stale() -> list[str]:
    """Every section that is not as it would be generated now, as ``page: section``."""
    found = []
    for name, (opening, sections) in pages().items():
        path = DOCS / name
        text = path.read_text() if path.is_file() else ""
        there = parsed(text)
        found += [f"{name}: {title}" for title, body in sections.items() if there.get(title) != body.strip()]
        found += [] if text.startswith(opening) else [f"{name}: its opening"]
    return found


def main() -> None:
    """Write the pages, or with --check say what is stale."""
    if "--check" in sys.argv:
        if found := stale():
            raise SystemExit("stale, run make docs: " + "; ".join(found))
        return
    for name, (opening, sections) in pages().items():
        body = "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in sections.items())
        (DOCS / name).write_text(f"{opening}\n\n{body}\n")


if __name__ == "__main__":
    main()
