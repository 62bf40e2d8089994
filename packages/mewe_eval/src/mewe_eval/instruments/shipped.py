"""The instruments that come with the library, in the folder ``catalogue``: one document each."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from mewe_eval.instruments.model import Instrument
from mewe_eval.instruments.reading import read_instrument
from mewe_eval.instruments.refused import REFUSED


@cache
def shipped_instruments() -> Mapping[str, Instrument]:
    """Every instrument of the catalogue by its id; not those that are refused. Raises DocumentFaults if one is wrong."""
    folder = files("mewe_eval.instruments") / "catalogue"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    documents = {name: (folder / name).read_text("utf-8") for name in names if name.removesuffix(".toml") not in REFUSED}
    read = (read_instrument(document, name) for name, document in documents.items())
    return {one.id: one for one in read}
