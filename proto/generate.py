"""Generates what follows from proto/: the Python contracts, and each feature's descriptor set (``contract.binpb``).

Where the web workspace is installed (services/web/node_modules), its TypeScript is generated as well. Run by ``make proto``;
``--check`` compares instead and says what is stale.
"""

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
CONTRACTS = Path("packages/mewe_contracts/src/mewe")
WEB = Path("services/web")
TYPESCRIPT = {"diary": WEB / "packages/diary/src/generated"}
"""Which areas the web workspace calls, and where it has what is generated."""


def home(area: str) -> Path | None:
    """The package folder of an area, relative to the root; None if this checkout does not hold it."""
    for folder in (Path(f"packages/mewe_core/src/mewe_core/{area}"), Path(f"packages/mewe_{area}/src/mewe_{area}")):
        if (ROOT / folder).is_dir():
            return folder
    return None


def run(*arguments: str) -> None:
    """One call of the compiler. Raises SystemExit with what it printed."""
    beside = Path(sys.executable).parent
    plugins = [f"--plugin={name}={beside / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    if protoc.main(["protoc", *plugins, f"-I{PROTO}", f"-I{Path(protoc.__file__).parent / '_proto'}", *arguments]):
        raise SystemExit("proto/: the compiler refused; see above")


def generate(into: Path) -> None:
    """Everything generated, below ``into`` as it stands below the root."""
    areas = {folder.parent.name: sorted(str(p) for p in folder.glob("*.proto")) for folder in PROTO.glob("mewe/*/v1")}
    python = into / CONTRACTS.parent
    python.mkdir(parents=True)
    every = sorted(path for paths in areas.values() for path in paths)
    run(
        f"--python_out={python}",
        f"--grpc_python_out={python}",
        f"--mypy_out=quiet:{python}",
        f"--mypy_grpc_out=quiet:{python}",
        *every,
    )
    for empty in python.rglob("*_pb2_grpc.py*"):
        if f"{empty.name.removesuffix('.pyi').removesuffix('.py').removesuffix('_pb2_grpc')}" in {
            "erasure",
            "events",
            "standing",
        }:
            empty.unlink()
    (python / "mewe" / "py.typed").touch()
    for area, paths in areas.items():
        package = home(area)
        if package is not None and paths:
            (into / package).mkdir(parents=True, exist_ok=True)
            run(
                "--include_imports",
                "--include_source_info",
                f"--descriptor_set_out={into / package / 'contract.binpb'}",
                *paths,
            )
    plugin = ROOT / WEB / "node_modules/.bin/protoc-gen-es"
    for area, folder in TYPESCRIPT.items() if plugin.exists() else ():
        (into / folder).mkdir(parents=True)
        options = f"--es_out=target=ts,import_extension=js:{into / folder}"
        run(f"--plugin=protoc-gen-es={plugin}", options, *areas[area])


def main() -> None:
    """Generate, or with --check say what is stale."""
    with tempfile.TemporaryDirectory() as fresh:
        generate(Path(fresh))
        made = {path.relative_to(fresh) for path in Path(fresh).rglob("*") if path.is_file()}
        there = {p.relative_to(ROOT) for p in (ROOT / CONTRACTS).rglob("*") if p.is_file() and "__pycache__" not in p.parts}
        stale = sorted(p for p in made if not (ROOT / p).is_file() or not filecmp.cmp(Path(fresh) / p, ROOT / p, shallow=False))
        gone = sorted(there - made)
        if "--check" in sys.argv:
            if stale or gone:
                raise SystemExit("stale, run make proto: " + ", ".join(map(str, [*stale, *gone])))
            return
        for path in gone:
            (ROOT / path).unlink()
        for path in stale:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(fresh) / path, ROOT / path)


if __name__ == "__main__":
    main()
