"""The register of processing activities, in the manner of GDPR art. 30, from the declarations: for people and for machines."""

from collections.abc import Mapping, Sequence
from typing import Any

from mewe_core.kit.personal import Personal, PersonalData

_ABOUT = (
    ("Controller", "NAME, ADDRESS AND CONTACT OF THE ORGANISATION"),
    ("Joint controllers", "NONE, OR WHO"),
    ("Data protection officer", "NAME AND CONTACT"),
    (
        "Categories of persons",
        "young carers (14-17 years, or as the deployment says), their guardians where they consent; leaders, supervisors, "
        "coordinators and others on the staff",
    ),
    (
        "Recipients",
        "those whom [access.md](access.md) names, inside the deployment; nobody outside it; PROCESSORS, SUCH AS WHO RUNS THE "
        "MACHINES",
    ),
    ("Transfers to third countries", "none by the platform; WHERE THE MACHINES STAND"),
    (
        "Safeguards",
        "words are sealed under a key a person and purpose; access is declared for every call; every decision is recorded; "
        "see SECURITY.md",
    ),
    (
        "Erasure",
        "keys first, then rows, in every feature, with signed receipts; a ledger keeps backups from bringing anybody back",
    ),
)

OPENING = "\n".join(
    (
        "# Personal data",
        "",
        "The register of processing activities, in the manner of GDPR art. 30, made from what each feature declares. What",
        "stands in capitals is for the deploying organisation to fill in. Legal bases are a proposal: a lawyer of each",
        "country confirms them.",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {name} | {said} |" for name, said in _ABOUT),
        "",
        "What the kit keeps stands in the database of each feature.",
    )
)

_HEAD = ("table", "columns", "purpose", "basis", "kept", "safeguard", "on erasure")
_ERASURE = {
    "delete_row": "the row goes",
    "clear": "who it is about, and every word, is emptied",
    "keep_pseudonym": "stays under the bare id",
}


def section(declared: PersonalData) -> str:
    """What one feature holds, as a table."""
    if not declared.personal:
        return "Holds nothing about a person."
    rows = [
        (
            f"`{one.table}`",
            ", ".join(f"`{column}`" for column in one.columns),
            one.purpose,
            one.basis.value,
            kept(one),
            safeguard(one),
            erased(one),
        )
        for one in declared.personal
    ]
    lines: Sequence[tuple[str, ...]] = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ").replace("|", "\\|") for cell in line) + " |" for line in lines)


def kept(one: Personal) -> str:
    """How long, and from when."""
    if one.retention_days is None:
        return "while taking part"
    since = f" after `{one.kept_from}`" if one.kept_from else f". {one.forgotten_by}"
    return f"{one.retention_days} days{since}"


def safeguard(one: Personal) -> str:
    """How it is kept from others."""
    if one.sealed is not None:
        whose = "the person" if one.own_keys else f"`{one.about}`"
        return f"sealed, by a key of {whose} for {one.sealed}"
    if one.opened_by is not None:
        return f"sealed before it comes here; opened by {one.opened_by}"
    return f"not sealed: {one.unsealed}" if one.unsealed else "ids and codes alone"


def erased(one: Personal) -> str:
    """What erasure does."""
    done = _ERASURE[one.erasure.value]
    return done if one.hold is None else f"{done}; not while `{one.hold.while_empty}` is empty ({one.hold.rule})"


def text(features: Mapping[str, PersonalData], country: str) -> str:
    """The whole register for people, in Markdown."""
    parts = [OPENING, f"Country: {country}."]
    parts += [f"## {name}\n\n{section(declared)}" for name, declared in features.items()]
    return "\n\n".join(parts) + "\n"


def table(features: Mapping[str, PersonalData], country: str) -> dict[str, Any]:
    """The same for machines."""
    return {
        "kind": "mewe.register.v1",
        "country": country,
        "features": {name: [_line(one) for one in declared.personal] for name, declared in features.items()},
    }


def _line(one: Personal) -> dict[str, Any]:
    return {
        "table": one.table,
        "columns": list(one.columns),
        "found_by": one.found_by if one.through is None else f"{one.through.table}.{one.found_by}",
        "purpose": one.purpose,
        "basis": one.basis.value,
        "retention_days": one.retention_days,
        "kept_from": one.kept_from,
        "forgotten_by": one.forgotten_by,
        "sealed": one.sealed,
        "opened_by": one.opened_by,
        "unsealed": one.unsealed,
        "erasure": one.erasure.value,
        "hold": None if one.hold is None else one.hold.rule,
        "exported": one.exported,
    }
