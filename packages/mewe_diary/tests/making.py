"""Makes the vectors: ``python -m packages.mewe_diary.tests.making`` writes them anew, and a test compares."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from . import making_openings, making_seals, making_shares, making_texts

FOLDER = Path(__file__).parents[1] / "vectors"
FILES: Mapping[str, Callable[[], Mapping[str, object]]] = {
    "texts": making_texts.texts,
    "words": making_texts.words,
    "exports": making_texts.exports,
    "locks": making_seals.locks,
    "versions": making_seals.versions,
    "heads": making_seals.heads,
    "locals": making_seals.locals_,
    "openings": making_openings.openings,
    "shares": making_shares.shares,
    "hand_overs": making_shares.hand_overs,
}


def made(name: str) -> str:
    """A file of vectors as it should be."""
    return json.dumps(FILES[name](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (FOLDER / f"{file}.json").write_text(made(file), "utf-8")
