"""What a plugin adds to the command line: work on files, as a pure function from their bytes to what is shown."""

from collections.abc import Callable, Generator, Mapping

from attrs import Factory, field, frozen


class CommandFault(Exception):
    """A command cannot do what it was asked; each line says which file, which key, and what is allowed there."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@frozen
class Given:
    """What stands for one argument: its ``word``, and the bytes of the file of that name; None where there is none."""

    word: str
    content: bytes | None


@frozen
class Argument:
    """One argument. ``several``: the last one may be given more than once. ``named``: it may be a name instead of a file.

    ``word``: it is never a file. ``option``: it is given as ``--name``, in any place, or left out.
    """

    name: str
    about: str
    several: bool = False
    named: bool = False
    word: bool = False
    option: bool = False


@frozen
class Asked:
    """What a command is run with: for each argument what was given, in order, and the form that was chosen.

    An option that was left out has nothing.
    """

    arguments: Mapping[str, tuple[Given, ...]]
    form: str

    def one(self, name: str) -> Given:
        """What was given for an argument that is given once."""
        (given,) = self.arguments[name]
        return given

    def option(self, name: str) -> Given | None:
        """What was given for an option; None if it was left out."""
        return next(iter(self.arguments.get(name, ())), None)


@frozen
class Answer:
    """What a command shows, a text or the bytes of a file. ``well``: False if what it looked at has faults (exit code 1).

    ``kept``: what the files of these arguments hold from now on. They are written first: if one cannot be, nothing is shown.
    """

    shown: str | bytes
    well: bool = True
    kept: Mapping[str, bytes] = field(factory=dict)


@frozen
class Tell:
    """Something that a part says under a topic, once, to whoever takes part in the meeting."""

    topic: str
    said: str = field(repr=False)


@frozen
class Hear:
    """A part waits until each of these has said something under a topic; it is sent what they said, by who."""

    topic: str
    of: tuple[str, ...]


@frozen
class Talk:
    """Work that several processes do together, each its ``part``: who one is in it (``by``), and what the meeting is called.

    The part yields what it tells and whom it waits for, and does no I/O; it may raise CommandFault.
    """

    meeting: str
    by: str
    part: Generator[Tell | Hear, Mapping[str, str], Answer]


@frozen
class Command:
    """``mewe <plugin> <name> ARGUMENT ... [--option VALUE] [--form]``.

    ``forms`` are what it can show its answer as (``text``, ``json``, ``html``, ``pdf``); the first one, unless another
    is chosen. ``run`` does no I/O. It raises CommandFault for what cannot be done. ``meets``: it answers with a ``Talk``.
    """

    name: str
    about: str
    run: Callable[[Asked], "Answer | Talk"]
    arguments: tuple[Argument, ...] = ()
    forms: tuple[str, ...] = field(default=Factory(lambda: ("text",)))
    meets: bool = False
