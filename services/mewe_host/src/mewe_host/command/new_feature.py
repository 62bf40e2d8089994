"""``mewe new feature NAME``: a feature of one's own, in a folder outside this repository, that works from the first minute."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from runpy import run_path

from mewe_core.kit.plugins import installed

from mewe_host.running.steps import Refusal

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 30
TAKEN = frozenset({"kit", "core", "host", "client", "contracts", "demo"})


def new_feature(name: str, into: Path | None = None) -> Path:
    """Write a feature into ``into`` (the folder ``mewe_<name>`` here, if None) and compile its contract; says where it is.

    Raises Refusal if the name cannot be a feature's or is taken, if something is in the folder, or without grpcio-tools.
    """
    _require(name)
    folder = (into or Path(f"mewe_{name}")).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refusal(f"{folder} is there already. Name another folder: mewe new feature {name} --into FOLDER")
    if find_spec("grpc_tools") is None:
        raise Refusal("A feature's contract is compiled by grpcio-tools, which is not installed here: pip install grpcio-tools")
    words = {"name": name, "Name": _joined(name), "NAME": name.upper(), "dashed": name.replace("_", "-")}
    for path, text in _templates(files("mewe_host.command").joinpath("feature_template"), ""):
        file = folder / path.replace("_name_", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(re.sub(r"@(\w+)@", lambda found: words[found[1]], text), encoding="utf-8")
    _compile(folder)
    return folder


def _require(name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > LONGEST or iskeyword(name):
        raise Refusal(f"A feature's name is 1 to {LONGEST} lower-case letters, digits and single _, and starts with a letter.")
    if name in TAKEN or name in installed():
        raise Refusal(f'The name "{name}" is taken. Taken here: {", ".join(sorted({*TAKEN, *installed()}))}.')


def _joined(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _templates(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _templates(one, f"{path}{one.name}/")
        elif one.name.endswith(".template"):
            yield path + one.name.removesuffix(".template"), one.read_text(encoding="utf-8")


def _compile(folder: Path) -> None:
    try:
        run_path(str(folder / "proto" / "generate.py"), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise Refusal(f"The contract in {folder / 'proto'} could not be compiled; what is wrong stands above.") from end
