"""The rules of the architecture, as functions from sources to faults; the tests run them here and on planted faults."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import grimp
from mewe_core.kit.plugins import installed, load

NO_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"})
OUTSIDE = frozenset(
    {"asyncio", "asyncpg", "connectrpc", "grpc", "mewe", "mewe_client", "mewe_host", "nats", "os", "pathlib", "random"}
    | {"secrets", "socket", "sqlite3", "starlette", "subprocess", "threading", "time", "urllib"}
)
NO_FEATURE = frozenset({"mewe_client", "mewe_demo", "mewe_host"})
LENDS = frozenset({"testing", "memory_database", "conformance"})
MOST_LINES = 400


def sources(root: Path) -> Iterator[Path]:
    """Every Python source of the packages, services and proto that somebody wrote."""
    for folder in ("packages", "services", "proto", "docs", "tests", "benchmarks"):
        for path in sorted((root / folder).rglob("*.py")):
            if not {".venv", "node_modules", "__pycache__"} & set(path.parts) and "mewe_contracts/src" not in path.as_posix():
                yield path


def forbidden_names(root: Path) -> list[str]:
    """Files and folders whose name says nothing."""
    parts = {path for source in sources(root) for path in (source.relative_to(root), *source.relative_to(root).parents)}
    return sorted(f"{path}: name it after what it holds" for path in parts if path.stem in NO_NAMES)


def long_files(root: Path) -> list[str]:
    """Files that hold two things."""
    return [
        f"{path.relative_to(root)}: {lines} lines, at most {MOST_LINES}"
        for path in sources(root)
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    ]


def graph(packages: tuple[str, ...]) -> grimp.ImportGraph:
    """Who imports whom, over the packages as they are found on the path; what is not ours stands by its first name."""
    return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)


def place(module: str) -> str | None:
    """The feature (or ``kit``) that a module belongs to; None if it is neither."""
    parts = module.split(".")
    if parts[0] == "mewe_core":
        return parts[1] if len(parts) > 1 else None
    if parts[0].startswith("mewe_") and parts[0] not in NO_FEATURE:
        return parts[0].removeprefix("mewe_")
    return None


def forbidden_imports(imports: grimp.ImportGraph, needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Imports that point outward: I/O or generated code in a package, a feature in the kit, another feature, or the host.

    ``needs`` says which features a feature names as needed: of those it may import ``events`` and ``model``.
    """
    faults = []
    for module in sorted(imports.modules):
        here = place(module)
        if ".migrations" in module or module.split(".")[-1] in LENDS:
            continue
        for other in sorted(imports.find_modules_directly_imported_by(module)):
            there = place(other)
            if module.startswith("mewe_host") and there not in (None, "kit"):
                faults.append(f"{module} imports {other}: the host names no feature")
            if here is None:
                continue
            if other.split(".")[0] in OUTSIDE:
                faults.append(f"{module} imports {other}: a package does no I/O and knows no host")
            elif there in (None, here, "kit"):
                continue
            elif here == "kit":
                faults.append(f"{module} imports {other}: the kit knows no feature")
            elif there not in needs.get(here, ()):
                faults.append(f"{module} imports {other}: {here} does not name {there} in needs")
            elif other.split(".")[-1] not in {"events", "model"}:
                faults.append(f"{module} imports {other}: of another feature only events and model")
    return faults


def main(names: Sequence[str]) -> None:
    """Print the faults of the packages named, for a checkout that is first on the path."""
    needs = {feature.name: feature.needs for feature in load(tuple(sorted(installed())))[0]}
    print(*forbidden_imports(graph(tuple(names)), needs), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
