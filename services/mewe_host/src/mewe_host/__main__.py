"""``python -m mewe_host`` is ``mewe``: how the program starts itself again."""

from mewe_host.command import main

main()
