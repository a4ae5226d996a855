"""The commands as a Typer app, which defines what any line means and reports what is wrong with it.

`app` works on its own, as any Typer app does: invoked without a collector as its context object, it runs
the command in a session of its own.
"""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from segcli.commands import HELP as ROOT_HELP
from segcli.commands import SUMMARIES, load
from segcli.commands.options import COMMON, HELP, VERSION
from segcli.errors import UsageError
from segcli.parser.invocation import Invocation
from segcli.session import Session
from segcli.spec import ALIASES, Argument, Command, Entry, Group, Parameter
from segcli.terminal.streams import Terminal

_SIMILAR = 0.65  # of difflib's ratio: more than "filter" and "profile" have
# Options that gh and kubectl have for what is called otherwise here.
_OF_OTHERS = {
    "--json": "for JSON pass -o json; get and list show only the given fields with --fields FIELDS",
    "--jq": "--query JMESPATH reshapes the JSON form of the result",
}
# In the context's meta: the common options, and the whole line.
_FLAGS, _WORDS = f"{__name__}.flags", f"{__name__}.words"


class Collector:
    """As a context's object: receives the invocation, which is then not run."""

    def __init__(self) -> None:
        self.invocation: Invocation | None = None

    def received(self) -> Invocation:
        if self.invocation is None:
            raise AssertionError("a Typer callback delivered nothing")
        return self.invocation


def parse_with_typer(arguments: Sequence[str]) -> Invocation:
    """What `arguments` ask for. Raises UsageError."""
    collector = Collector()
    try:
        with get_command(app).make_context("segments", list(arguments), obj=collector) as context:
            context.command.invoke(context)
    except typer.Exit:
        pass  # after help or version
    except typer.TyperException as error:
        raise _usage_error(error) from None
    return collector.received()


class _Common:
    """What our commands and groups add to Typer's: the common options, and help from the declarations."""

    params: list[Any]
    entry: Entry | None = None  # None is the root

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += [*_common_options(), _version_option()]

    def get_help_option(self, ctx: Any) -> TyperOption:
        return _help_option()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta.setdefault(_WORDS, tuple(args))  # the root is parsed first, with every word
        with _errors_of(ctx):
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # Typer's class has it
        return rest


class _Command(_Common, TyperCommand):
    """A command that accepts the common options too."""


class _Group(_Common, TyperGroup):
    """A group of commands that accepts the common options; without a command it shows its help."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **{**settings, "invoke_without_command": True})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, *rest = args
        words = self.entry.words if self.entry else ()
        return super().resolve_command(ctx, [ALIASES.get(words, {}).get(name, name), *rest])

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:  # the words of a command; Click has no public name for them
            _deliver(ctx, Invocation.help(self.entry, {}))
            return None
        return super().invoke(ctx)


class _Root(_Group):
    """Lists the commands by their summaries, and loads the one that is called."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands = {
            name: TyperCommand(name, help=summary, add_help_option=False)
            for name, summary in SUMMARIES.items()
        }

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _loaded(load(cmd_name)) if cmd_name in SUMMARIES else None


def _loaded(entry: Entry) -> Any:
    """The Typer command or group of a declaration."""
    typed = _new_app(_Group, "\n\n".join(entry.paragraphs))
    for command in _commands_of(entry):
        typed.command(command.words[-1], cls=_Command, hidden=command.hidden, context_settings=_CONTEXT)(
            _typed(command)
        )
    loaded: Any = get_command(typed)
    loaded.name, loaded.entry = entry.words[-1], entry
    for name, inner in getattr(loaded, "commands", {}).items():
        inner.entry = entry.commands[name] if isinstance(entry, Group) else entry
    return loaded


def _commands_of(entry: Entry) -> list[Command]:
    entries = entry.commands.values() if isinstance(entry, Group) else [entry]
    return [each for each in entries if isinstance(each, Command)]


_CONTEXT = {"help_option_names": list(HELP.names)}


def _new_app(group: type[TyperGroup], help: str) -> typer.Typer:
    return typer.Typer(
        cls=group,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=_CONTEXT,
        help=help,
    )


def _typed(command: Command) -> Callable[..., None]:
    """The command's function with the signature that Typer reads."""

    def callback(context: typer.Context, **values: Any) -> None:
        _deliver(context, Invocation.of(command, values, {}))

    context, *_ = inspect.signature(callback).parameters.values()
    callback.__doc__ = command.function.__doc__
    callback.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions may have one
        [context, *map(_typed_parameter, command.parameters)]
    )
    return callback


def _deliver(context: typer.Context, invocation: Invocation) -> None:
    """Hands the invocation to the collector, or runs it if the app was invoked on its own.

    Raises typer.Exit with the exit code of what was run, if that is not 0.
    """
    invocation = Invocation(
        invocation.function, invocation.arguments, context.meta.get(_FLAGS, {}), invocation.entry
    )
    if isinstance(context.obj, Collector):
        context.obj.invocation = invocation
        return
    output = invocation.flags.get("output")
    words = context.meta.get(_WORDS, ())
    session = Session(Terminal(os.environ), os.environ, words=words, fallback_output=output)
    code = session.guard(lambda: invocation.call(session))
    if code:
        raise typer.Exit(code)


def _typed_parameter(parameter: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if parameter.required else parameter.default,
        annotation=Annotated[parameter.type, _typed_declaration(parameter)],
    )


def _typed_declaration(parameter: Parameter) -> Any:
    declared = parameter.declared
    if isinstance(declared, Argument):
        form = declared.metavar + ("..." if parameter.many else "")
        return typer.Argument(metavar=form, help=declared.help, show_default=False)
    return typer.Option(
        *parameter.names, metavar=declared.metavar, help=declared.help, min=declared.min, max=declared.max
    )


class _HelpOption(TyperOption):
    """Shows our help, whatever else is wrong with the line, but with the common options applied."""

    def handle_parse_result(
        self, ctx: Any, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        if opts.get(HELP.name) and not ctx.resilient_parsing:
            for option in _common_options():
                option.handle_parse_result(ctx, opts, args)
            _deliver(ctx, Invocation.help(ctx.command.entry, {}))
            raise typer.Exit
        return None, args


@cache
def _common_options() -> list[TyperOption]:
    """The options that every command takes; their values go to the session instead of the function."""
    return [_common_option(each, callback=_store_flag) for each in COMMON]


@cache
def _version_option() -> TyperOption:
    return _common_option(VERSION, callback=_on_version, is_eager=True)


@cache
def _help_option() -> TyperOption:
    return _common_option(HELP, _HelpOption, is_eager=True)


def _common_option(
    parameter: Parameter,
    kind: type[TyperOption] = TyperOption,
    *,
    callback: Callable[..., None] | None = None,
    is_eager: bool = False,
) -> TyperOption:
    return kind(
        param_decls=[parameter.name, *parameter.names],
        is_flag=parameter.is_flag or None,
        type=None if parameter.is_flag else parameter.type,
        metavar=parameter.declared.metavar,
        is_eager=is_eager,
        expose_value=False,
        callback=callback,
        help=parameter.help,
    )


def _store_flag(context: typer.Context, parameter: Any, value: Any) -> None:
    if value is not None:
        context.meta.setdefault(_FLAGS, {})[parameter.name] = value


def _on_version(context: typer.Context, parameter: Any, value: Any) -> None:
    if value and not context.resilient_parsing:
        _deliver(context, Invocation.version())
        raise typer.Exit


@contextmanager
def _errors_of(context: typer.Context) -> Iterator[None]:
    """Adds the command to a parser error, which not all of them know."""
    try:
        yield
    except typer.TyperException as error:
        if getattr(error, "ctx", None) is None:
            error.ctx = context  # type: ignore[attr-defined]  # only some of its kinds declare it
        raise


def _usage_error(error: Any) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "segments"
    message = " ".join(_message(error).split()).removesuffix(".")
    hint = _OF_OTHERS.get(getattr(error, "option_name", ""), f"see {path} --help")
    return UsageError(message[:1].lower() + message[1:], hint=hint)


def _message(error: Any) -> str:
    """Typer's message; of the options that it finds similar, only the nearest, if it is near."""
    similar = getattr(error, "possibilities", None)
    if not similar:
        return str(error.format_message())
    from difflib import get_close_matches

    # Compared without the dashes, which all of them share.
    names = {name.lstrip("-"): name for name in similar}
    nearest = get_close_matches(error.option_name.lstrip("-"), names, n=1, cutoff=_SIMILAR)
    return f"{error.message.rstrip('.')}." + "".join(f" Did you mean {names[name]}?" for name in nearest)


app = _new_app(_Root, ROOT_HELP)
app.info.name = "segments"


@app.callback()
def _root() -> None:
    """Typer requires a callback in an app that has no commands of its own."""
