"""What every command declares alike: the common options, before or after its word, and examples."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from segcli.config import DEFAULT_TIMEOUT
from segcli.output import FORMATS
from segcli.session import Session

PANEL = "Common options"

SegmentArgument = Annotated[
    str,
    typer.Argument(
        metavar="SEGMENT",
        help="Id (all digits) or code; id:12 and code:123 say which.",
        show_default=False,
    ),
]
SegmentsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="SEGMENT...",
        help="Ids (all digits) or codes; id:12 and code:123 say which.",
        show_default=False,
    ),
]
AccountsArgument = Annotated[
    list[str],
    typer.Argument(metavar="ACCOUNT...", help="Account ids, from 1 to 2147483647.", show_default=False),
]
FilterOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILTER",
        help="Only those that match FIELD OP VALUE, more with and; OP is eq ne gt ge lt le cont sw.",
    ),
]
SortOption = Annotated[
    str | None,
    typer.Option(metavar="SORT", help="FIELD, FIELD asc or FIELD desc, with commas; by id where not said."),
]
FieldsOption = Annotated[
    str | None,
    typer.Option(metavar="FIELDS", help="Show only these: id,code,name or -description."),
]
NameOption = Annotated[str | None, typer.Option(metavar="TEXT", help="What people call it.")]
DescriptionOption = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]


class _Common:
    """What our commands and groups have beyond Typer's: the common options, left with the session."""

    params: list[Any]

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += common_options()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _errors_of(ctx):
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # Typer's class has it
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _heed_color(ctx)
        super().format_help(ctx, formatter)  # type: ignore[misc]  # likewise


class Command(_Common, TyperCommand):
    """A command that takes the common options too."""


class Group(_Common, TyperGroup):
    """A group of commands that takes the common options; called alone it shows its help."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **{**settings, "invoke_without_command": True})

    def invoke(self, ctx: Any) -> Any:
        if not ctx._protected_args:
            typer.echo(ctx.get_help())
            return 0
        return super().invoke(ctx)


def new_app(**settings: Any) -> typer.Typer:
    """An app for one command or noun; its errors are told by `segcli.cli`, not by Typer."""
    return typer.Typer(
        cls=Group,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT,
        **settings,
    )


CONTEXT = {"help_option_names": ["-h", "--help"]}


def command(
    app: typer.Typer, name: str, *examples: str, **settings: Any
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Declares a function as the command `name` of `app`, its examples shown under its help."""
    return app.command(name, cls=Command, epilog=epilog(*examples), context_settings=CONTEXT, **settings)


def epilog(*examples: str) -> str:
    """Examples as help shows them, a line each."""
    return "\n".join(["[bold]Examples[/bold]", *(f"  $ {example}" for example in examples)])


def session_of(context: typer.Context) -> Session:
    """The session that `segcli.cli` has put into the context."""
    return cast(Session, context.obj)


@contextmanager
def _errors_of(context: typer.Context) -> Iterator[None]:
    """Lets an error of the parser say whose arguments it is about, which not all of them know."""
    try:
        yield
    except typer.TyperException as error:
        if getattr(error, "ctx", None) is None:
            error.ctx = context  # type: ignore[attr-defined]  # only some of its kinds declare it
        raise


def _heed_color(context: typer.Context) -> None:
    """Lets Typer's help, which is not told of the terminal, be coloured where all else is."""
    from typer import rich_utils

    rich_utils.FORCE_TERMINAL = session_of(context).colored


@cache
def common_options() -> list[Any]:
    """The options that every command takes (cli.md, "Common options")."""
    formats = ", ".join(FORMATS)
    return [
        _option("profile", "--profile", metavar="NAME", help="A backend and its credentials, by name."),
        _option("backend", "--backend", metavar="URL", help="sqlite:PATH, or a tenant's https://HOST."),
        _option("output", "--output", "-o", metavar="FORMAT", help=f"{formats}."),
        _option("query", "--query", metavar="JMESPATH", help="Reshape the JSON form of the result."),
        _option("quiet", "--quiet", "-q", flag=True, help="Say nothing beside result and errors."),
        _option("verbose", "--verbose", "-v", flag=True, help="Tell each request or statement on stderr."),
        _option(
            "timeout",
            "--timeout",
            metavar="SECONDS",
            help=f"How long one request or lock may take; {DEFAULT_TIMEOUT:g} where not said.",
        ),
        _option("rps", "--rps", metavar="N", help="At most N requests a second."),
        _option("ca_bundle", "--ca-bundle", metavar="FILE", help="Trust these certificate authorities."),
        _option(
            "no_color", "--no-color", flag=True, is_eager=True, help="No colours; NO_COLOR is obeyed too."
        ),
        TyperOption(
            param_decls=["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version and exit.",
            rich_help_panel=PANEL,
        ),
    ]


def _option(
    name: str,
    *declarations: str,
    help: str,
    flag: bool = False,
    metavar: str | None = None,
    is_eager: bool = False,
) -> TyperOption:
    return TyperOption(
        param_decls=[*declarations, name],
        is_flag=flag or None,
        type=None if flag else str,
        metavar=metavar,
        is_eager=is_eager,
        expose_value=False,
        callback=_remember,
        help=help,
        rich_help_panel=PANEL,
    )


def _remember(context: typer.Context, parameter: Any, value: Any) -> None:
    if value is not None:
        session_of(context).flags[parameter.name] = value


def _show_version(context: typer.Context, parameter: Any, value: Any) -> None:
    if value and not context.resilient_parsing:
        from segcli import __version__

        typer.echo(f"segments {__version__}")
        raise typer.Exit
