"""The root command: which module holds which command, and errors become messages and exit codes."""

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from segcli.commands.declare import CONTEXT, Group, epilog
from segcli.errors import SegcliError, UsageError, UserInterruptError
from segcli.session import Session
from segcli.terminal import Terminal

# A command's word: the module of `segcli.commands` that declares it, and its help in one line. A
# module is imported when its command is called; a test holds these lines against the real ones.
COMMANDS: dict[str, str] = {
    "add": "Add a segment, and show it.",
    "get": "Show segments by id or code.",
    "list": "List segments: one page, or all of them.",
    "update": "Change what is given of a segment, and show it; an empty text empties.",
    "delete": "Delete segments and their account associations, after asking; the accounts stay.",
    "accounts": "Add, remove and list the accounts of a segment.",
    "profile": "Keep backends and their credentials under names.",
    "serve": "Serve the resource over HTTP, from any backend, to try apps, SDKs and CI jobs against.",
    "doctor": "Check the set-up: configuration, host, ticket, clock, store.",
}


class Root(Group):
    """Lists commands from the table, and loads the one that is called."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands = {
            name: TyperCommand(name, help=help, add_help_option=False) for name, help in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(name: str) -> Any:
    """The real command called `name`, its module imported."""
    loaded = get_command(import_module(f"segcli.commands.{name}").app)
    loaded.name = name
    return loaded


app = typer.Typer(
    name="segments",
    cls=Root,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT,
    help="Customer segments, from the command line.",
    epilog=epilog(
        "segments add VIP --name 'Very important'",
        "segments accounts add VIP 1001 1002",
        "segments list -o json",
    ),
)


@app.callback()
def root() -> None:
    """Customer segments, from the command line."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and answers its exit code; every error is told here and nowhere else."""
    arguments = sys.argv[1:] if arguments is None else arguments
    terminal = Terminal(os.environ)
    session = Session(terminal, arguments)
    try:
        terminal.require_stdout()
        # What Typer writes by itself, help and version, goes the way of every other result.
        with redirect_stdout(StringIO()) as written:
            code = _invoke(arguments, session)
        terminal.stdout.write(written.getvalue())
        terminal.flush()
        return code
    except BrokenPipeError:
        terminal.drop_output()
        return 0
    except SegcliError as error:
        terminal.finish()
        session.report(error)
        return error.exit_code
    except Exception as error:
        if os.environ.get("SEGMENTS_DEBUG") == "1":
            raise
        terminal.finish()
        fault = SegcliError(
            f"a fault in segcli: {type(error).__name__}: {error}",
            hint="SEGMENTS_DEBUG=1 shows where; please report it",
        )
        session.report(fault)
        return fault.exit_code


def _invoke(arguments: Sequence[str], session: Session) -> int:
    """Parses and runs, with what Typer raises turned into errors of ours."""
    try:
        _check_encoding(arguments)
        with get_command(app).make_context("segments", list(arguments), obj=session) as context:
            return int(context.command.invoke(context) or 0)
    except typer.Exit as exit:
        return exit.exit_code
    except KeyboardInterrupt:
        raise UserInterruptError("interrupted: what was not finished was left undone") from None
    except typer.TyperException as error:
        raise _usage_error(error) from None


def _check_encoding(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"the argument {argument} is no valid UTF-8") from None


def _usage_error(error: Any) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "segments"
    message = " ".join(error.format_message().split()).removesuffix(".")
    return UsageError(message[:1].lower() + message[1:], hint=f"see {path} --help")
