"""``python -m mewe_host.store.draft FEATURE WORDS``: write the next migration of a feature (or of ``kit``) as a draft."""

import sys

from mewe_core.kit.plugins import PluginFault, brought, installed

from mewe_host.store.fault import StoreFault
from mewe_host.store.schema import drafted
from mewe_host.store.scripts import KIT, Part


def part(name: str) -> Part:
    """The kit's part, or that of an installed feature, which need not have migrations yet. Raises PluginFault."""
    if name == KIT.name:
        return KIT
    if name not in installed():
        raise PluginFault(f'there is no plugin "{name}" here; installed: {", ".join(sorted(installed()))}')
    feature = brought(name)
    if feature is None:
        raise PluginFault(f'the plugin "{name}" is no feature, and keeps nothing')
    return Part(feature.name, feature.package, feature.tables)


def main(words: list[str]) -> int:
    """Write the file and say where it is. Exit code 2 if that cannot be done."""
    if len(words) < 2:
        sys.stderr.write("use: python -m mewe_host.store.draft FEATURE WORDS, for example: chat rooms get a title\n")
        return 2
    try:
        of = part(words[0])
        name, text = drafted(of, " ".join(words[1:]))
    except (PluginFault, StoreFault) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    of.folder.mkdir(parents=True, exist_ok=True)
    of.folder.joinpath(name).write_text(text)
    sys.stdout.write(f"{of.folder / name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
