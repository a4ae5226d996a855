"""segments help"""

from collections.abc import Sequence
from typing import Annotated

from segcli.commands import SUMMARIES, find
from segcli.commands.help_text import show_help
from segcli.errors import UsageError
from segcli.schemas.parts import Schema
from segcli.session import Session
from segcli.spec import Argument, Command, Entry, Group, Option, command

CommandArgument = Annotated[
    list[str] | None,
    Argument(metavar="COMMAND", complete="command", help="The words of a command, such as accounts add."),
]


@command(
    "help",
    "segments help list",
    "segments help accounts add",
    "segments help --schema accounts add",
    "segments help --schema manifest > segments.schema.json",
)
def entry(
    session: Session,
    words: CommandArgument = None,
    schema: Annotated[
        bool, Option("--schema", help="Print the JSON Schema of its JSON output, or of a manifest.")
    ] = False,
) -> int:
    """Show the help of a command."""
    if schema and words in (["manifest"], ["export"]):
        from segcli.manifest.schema import manifest_schema

        return _print_schema(session, manifest_schema())
    found = _entry(words or ())
    return _show_schema(session, found) if schema else show_help(session, found)


def _show_schema(session: Session, entry: Entry | None) -> int:
    """Prints the schema of a command. Raises UsageError for a group, or a command that prints no JSON."""
    from segcli.schemas import SCHEMAS, schema_of

    words = " ".join(entry.words) if entry else ""
    schema = schema_of(entry.words) if entry else None
    if schema is None:
        known = [name for name in SCHEMAS if name.startswith(words)] or (*SCHEMAS, "manifest")
        message = f"segments {words} has no JSON output" if words else "--schema needs a COMMAND"
        raise UsageError(message, hint=f"there is a schema for {', '.join(known)}")
    return _print_schema(session, schema)


def _print_schema(session: Session, schema: Schema) -> int:
    from segcli.output.json import indented

    with session.terminal.output() as stream, session.pages(stream) as pages:
        pages.write(f"{indented(schema)}\n")
    return 0


def _entry(words: Sequence[str]) -> Entry | None:
    """The command or group that the words name. Raises UsageError with the nearest name."""
    found: Entry | None = None
    for word in words:
        inner = None if isinstance(found, Command) else find(found, word)
        if inner is None:
            raise _unknown(word, found)
        found = inner
    return found


def _unknown(word: str, above: Entry | None) -> UsageError:
    from difflib import get_close_matches

    if isinstance(above, Group):
        known = [each.words[-1] for each in above.visible]
    else:
        known = [] if above else list(SUMMARIES)
    nearest = get_close_matches(word, known, n=1)
    suggestion = f". Did you mean '{nearest[0]}'?" if nearest else ""
    path = " ".join(("segments", *(above.words if above else ())))
    return UsageError(f"no such command '{word}'{suggestion}", hint=f"see {path} --help")
