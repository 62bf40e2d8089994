"""Commands that plugins bring: their files are read and their answers shown here; the work itself is the plugin's."""

import asyncio
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, TypeAlias

from cyclopts import App, Parameter
from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given, Talk
from mewe_core.kit.plugins import PluginFault, commands, installed

from mewe_host.running.steps import Refusal

Option: TypeAlias = bool | str | float | list[str] | None
FAULTY = 1
_TO = Annotated[Path | None, Parameter(help="Write it to this file instead of showing it.")]


_MEETING: tuple[tuple[str, object, object], ...] = (
    (
        "nats",
        Annotated[str, Parameter(help="The NATS server where all meet: nats://HOST:4222, tls://HOST:4222.")],
        inspect.Parameter.empty,
    ),
    ("ca", Annotated[str | None, Parameter(help="Whom a tls:// server's certificate comes from, as a .pem file.")], None),
    ("patience", Annotated[float, Parameter(help="For how many seconds one waits for the others at a step.")], 600.0),
)
"""What a command that meets others is asked besides."""


def known(name: str) -> bool:
    """Whether there is a plugin of this name."""
    return name in installed()


def every(app: App) -> None:
    """Add what every installed plugin brings; one that cannot be loaded is said to be so."""
    for name in sorted(installed()):
        if name not in app:
            try:
                add(app, name)
            except Refusal as refused:
                app.command(App(name=name, help=f"{refused}."))


def add(app: App, name: str) -> None:
    """Add the commands of one plugin, if it has any, as ``mewe <plugin> <command>``. Raises Refusal if it cannot be loaded."""
    try:
        found = commands(name)
    except PluginFault as fault:
        raise Refusal(str(fault)) from fault
    if found:
        group = App(name=name, help=_about(name))
        for command in found:
            group.command(_function(command), name=command.name, help=_help(command))
        app.command(group)


def _about(name: str) -> str:
    distribution = installed()[name].dist
    return "" if distribution is None else distribution.metadata["Summary"]


def _help(command: Command) -> str:
    lines = [command.about]
    if command.arguments:
        lines += ["", "Parameters", "----------"]
        for one in _in_order(command):
            lines += [_parameter(one), f"    {one.about}"]
    return "\n".join(lines)


def _parameter(argument: Argument) -> str:
    return argument.name.lower().replace("-", "_")


def _function(command: Command) -> Callable[..., int]:
    """The command as a function with the signature that the command line reads: its arguments, its forms, and --to."""
    first, *others = command.forms

    def run(*words: str, to: Path | None = None, **named: Option) -> int:
        chosen = [form for form in others if named.get(form)]
        if len(chosen) > 1:
            raise Refusal(f"Choose one of {', '.join(f'--{one}' for one in chosen)}.")
        form = chosen[0] if chosen else first
        try:
            given = {**_given(command, words), **_options(command, named)}
            answer = _answer(command.run(Asked(given, form)), named)
        except CommandFault as fault:
            raise Refusal(str(fault)) from fault
        for name, content in answer.kept.items():
            _keep(given[name][0].word, content)
        _show(answer, to)
        return 0 if answer.well else FAULTY

    empty = inspect.Parameter.empty
    parameters = [
        inspect.Parameter(
            _parameter(one),
            inspect.Parameter.VAR_POSITIONAL if one.several else inspect.Parameter.POSITIONAL_ONLY,
            annotation=str,
            default=empty,
        )
        for one in _in_order(command)
    ]
    for one in _every_option(command):
        kind = list[str] | None if one.several else str | None
        annotation = Annotated[kind, Parameter(negative="", help=one.about)]  # type: ignore[valid-type]
        parameters.append(
            inspect.Parameter(_parameter(one), inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=None)
        )
    for name, annotation, usual in _MEETING if command.meets else ():
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=usual))
    for form in others:
        flag = Annotated[bool, Parameter(negative="", help=f"Show it as {form.upper()}.")]
        parameters.append(inspect.Parameter(form, inspect.Parameter.KEYWORD_ONLY, annotation=flag, default=False))
    parameters.append(inspect.Parameter("to", inspect.Parameter.KEYWORD_ONLY, annotation=_TO, default=None))
    run.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__ = _help(command)
    return run


def _answer(done: Answer | Talk, named: Mapping[str, Option]) -> Answer:
    """The answer; where several processes work on it, once they have met. Raises Refusal."""
    if isinstance(done, Answer):
        return done
    from mewe_host.command import meeting

    ca = named.get("ca")
    address = meeting.address_of(str(named["nats"]), None if ca is None else str(ca))
    return asyncio.run(meeting.held(done, address, float(str(named["patience"]))))


def _given(command: Command, words: tuple[str, ...]) -> dict[str, tuple[Given, ...]]:
    given: dict[str, tuple[Given, ...]] = {}
    for place, argument in enumerate(_in_order(command)):
        own = words[place:] if argument.several else words[place : place + 1]
        if not own:
            raise Refusal(f"{argument.name} is missing: {argument.about}")
        given[argument.name] = tuple(_read(word, argument) for word in own)
    return given


def _options(command: Command, named: Mapping[str, Option]) -> dict[str, tuple[Given, ...]]:
    given: dict[str, tuple[Given, ...]] = {}
    for option in _every_option(command):
        match named.get(_parameter(option)):
            case str(word):
                given[option.name] = (_read(word, option),)
            case list(words):
                given[option.name] = tuple(_read(word, option) for word in words)
    return given


def _in_order(command: Command) -> list[Argument]:
    return [one for one in command.arguments if not one.option]


def _every_option(command: Command) -> list[Argument]:
    return [one for one in command.arguments if one.option]


def _keep(word: str, content: bytes) -> None:
    """Replace a file as a whole, so that a fault half-way leaves what was there. Raises Refusal."""
    file = Path(word)
    try:
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        Path(new.name).replace(file)
    except OSError as fault:
        raise Refusal(f"{word} cannot be written: {fault.strerror}.") from fault


def _read(word: str, argument: Argument) -> Given:
    file = Path(word)
    if argument.word or (argument.named and not file.exists()):
        return Given(word, None)
    try:
        return Given(word, file.read_bytes())
    except OSError as fault:
        raise Refusal(f"{word} cannot be read: {fault.strerror}.") from fault


def _show(answer: Answer, to: Path | None) -> None:
    shown = answer.shown.encode() if isinstance(answer.shown, str) else answer.shown
    if to is not None:
        try:
            to.write_bytes(shown)
        except OSError as fault:
            raise Refusal(f"{to} cannot be written: {fault.strerror}.") from fault
    elif isinstance(answer.shown, bytes) and sys.stdout.isatty():
        raise Refusal("This is no text for a screen; say with --to which file to write.")
    else:
        sys.stdout.buffer.write(shown)
        sys.stdout.buffer.flush()
