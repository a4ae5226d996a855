"""The commands as Typer sees them: it says what any line means, shows help, and finds what is wrong."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import cache, partial
from io import StringIO
from textwrap import wrap
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from segcli.commands import COMMANDS, EXAMPLES, HELP
from segcli.commands.declare import COMMON, PANEL, VERSION, Argument, Command, Parameter, app_of
from segcli.errors import UsageError
from segcli.session import Session

_CONTEXT = {"help_option_names": ["-h", "--help"]}


def read_with_typer(arguments: Sequence[str], session: Session) -> partial[int] | None:
    """As `segcli.arguments.read`, whatever the line."""
    call: partial[int] | None = None
    # What Typer writes by itself, help and version, goes the way of every other result.
    with redirect_stdout(StringIO()) as written:
        try:
            with get_command(app).make_context("segments", list(arguments), obj=session) as context:
                call = context.command.invoke(context)
        except typer.Exit:
            pass  # after help or version
        except typer.TyperException as error:
            raise _usage_error(error) from None
    session.terminal.stdout.write(written.getvalue())
    return call


class _Common:
    """What our commands and groups have beyond Typer's: the common options, left with the session.

    Help explains them at the root, and elsewhere names them under the examples.
    """

    params: list[Any]
    epilog: Any
    at_root = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += _common_options(hidden=not self.at_root)
        if not self.at_root:
            self.epilog = f"{self.epilog}\n\n{_common_names()}"

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]  # Typer's class has it
        option.rich_help_panel, option.hidden = PANEL, not self.at_root
        return option

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _errors_of(ctx):
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # Typer's class has it
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _prepare_drawing(ctx)
        super().format_help(ctx, formatter)  # type: ignore[misc]  # likewise


class _Command(_Common, TyperCommand):
    """A command that takes the common options too."""


class _Group(_Common, TyperGroup):
    """A group of commands that takes the common options; called alone it shows its help."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **{**settings, "invoke_without_command": True})

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:
            typer.echo(ctx.get_help())
            return None
        return super().invoke(ctx)


class _Root(_Group):
    """Lists commands from the table, and loads the one that is called."""

    at_root = True

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands = {
            name: TyperCommand(name, help=help, add_help_option=False) for name, help in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(word: str) -> Any:
    """The real command called `word`, its module imported."""
    declared = app_of(word)
    typed = _new_app(_Group, declared.help, declared.examples)
    for name, command in declared.commands.items():
        typed.command(
            name,
            cls=_Command,
            epilog=_epilog(command.examples),
            hidden=command.hidden,
            context_settings=_CONTEXT,
        )(_typed(command))
    loaded = get_command(typed)
    loaded.name = word
    return loaded


def _new_app(group: type[TyperGroup], help: str, examples: Sequence[str]) -> typer.Typer:
    return typer.Typer(
        cls=group,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings=_CONTEXT,
        help=help,
        epilog=_epilog(examples),
    )


def _epilog(examples: Sequence[str]) -> str:
    """Examples as help shows them, a line each."""
    return "\n".join(["[bold]Examples[/bold]", *(f"  $ {example}" for example in examples)])


def _typed(command: Command) -> Callable[..., partial[int]]:
    """The command's function as Typer is to see it, which only answers the call of the real one."""

    def call(context: typer.Context, **values: Any) -> partial[int]:
        return partial(command.function, **values)

    context, *_ = inspect.signature(call).parameters.values()
    call.__doc__ = command.function.__doc__
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions may have one
        [context, *map(_typed_parameter, command.parameters)]
    )
    return call


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
        return typer.Argument(metavar=declared.metavar, help=declared.help, show_default=False)
    return typer.Option(
        *parameter.names,
        metavar=declared.metavar,
        help=declared.help,
        min=declared.min,
        max=declared.max,
        rich_help_panel=declared.panel,
    )


def _common_names() -> str:
    """The common options by their names, in lines that no terminal has to fold."""
    named = [" ".join((*each.names, each.declared.metavar or "")).strip() for each in (*COMMON, VERSION)]
    # A space inside a name is none to fold at.
    text = "  ".join(name.replace(" ", "\0") for name in [*named, *_CONTEXT["help_option_names"]])
    lines = [f"  {line}".replace("\0", " ") for line in wrap(text, 76, break_on_hyphens=False)]
    return "\n".join(["[bold]Common options[/bold], which segments --help explains", *lines])


@cache
def _common_options(hidden: bool) -> list[TyperOption]:
    """The options that every command takes, and that go to the session instead of a function."""
    # Help is told before other options are heard, but for the one that it has to heed.
    options = [_common_option(each, _remember, is_eager=each.name == "no_color") for each in COMMON]
    options.append(_common_option(VERSION, _show_version, is_eager=True))
    for option in options:
        option.hidden = hidden
    return options


def _common_option(parameter: Parameter, callback: Callable[..., None], is_eager: bool) -> TyperOption:
    flag = parameter.type is bool
    return TyperOption(
        param_decls=[parameter.name, *parameter.names],
        is_flag=flag or None,
        type=None if flag else parameter.type,
        metavar=parameter.declared.metavar,
        is_eager=is_eager,
        expose_value=False,
        callback=callback,
        help=parameter.declared.help,
        rich_help_panel=PANEL,
    )


def _remember(context: typer.Context, parameter: Any, value: Any) -> None:
    if value is not None:
        _session_of(context).flags[parameter.name] = value


def _show_version(context: typer.Context, parameter: Any, value: Any) -> None:
    if value and not context.resilient_parsing:
        from segcli import __version__

        typer.echo(f"segments {__version__}")
        raise typer.Exit


def _session_of(context: typer.Context) -> Session:
    return cast(Session, context.obj)


def _prepare_drawing(context: typer.Context) -> None:
    """Lets Typer's help, which is not told of the terminal, be coloured where all else is.

    A number's bounds are left to the error that names them, and what is required has its star.
    """
    from typer import rich_utils

    rich_utils.FORCE_TERMINAL = _session_of(context).colored
    rich_utils.RANGE_STRING = rich_utils.REQUIRED_LONG_STRING = ""


@contextmanager
def _errors_of(context: typer.Context) -> Iterator[None]:
    """Lets an error of the parser say whose arguments it is about, which not all of them know."""
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
    return UsageError(message[:1].lower() + message[1:], hint=f"see {path} --help")


def _message(error: Any) -> str:
    """What Typer says, of the options that it finds alike the nearest alone."""
    alike = getattr(error, "possibilities", None)
    if not alike:
        return str(error.format_message())
    from difflib import get_close_matches

    (nearest,) = get_close_matches(error.option_name, alike, n=1, cutoff=0)
    return f"{error.message.rstrip('.')}. Did you mean {nearest}?"


app = _new_app(_Root, HELP, EXAMPLES)
app.info.name = "segments"


@app.callback()
def _root() -> None:
    """Without a function of its own, Typer takes an app without commands for a mistake."""
