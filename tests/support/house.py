"""The structure of segcli as data: its rooms in order, and what is allowed where.

A room is a module or package directly below `segcli`; rules.py has the rules. `python -m tests.support.house`
writes the table of rooms into CONTRIBUTING.md.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]
MAX_LINES = 320  # of a module


class Room(NamedTuple):
    """A room, what it is for, and the rooms that it imports, all of which come before it."""

    name: str
    description: str
    imports: str = ""


ROOMS = (
    Room("__init__", "the version"),
    Room("errors", "the error classes, each with its exit code and HTTP status"),
    Room("text", "display width, escaping and shortening of text, numbers for people"),
    Room("paths", "the user's folders; private folders and files, written atomically"),
    Room("model", "segments, accounts and pages as the API has them", "errors text"),
    Room("account_set", "sets of account ids, four bytes an id at most", "errors model"),
    Room("customer", "customers and their identifiers: account id, external id, user name, e-mail", "model"),
    Room("heat_map", "how much segments overlap, as rows and columns"),
    Room(
        "result",
        "what an operation returns: records, a document or ids, and the exit code",
        "errors heat_map",
    ),
    Room("schemas", "JSON Schemas of what the commands print"),
    Room("spec", "what a command, an option and an argument are"),
    Room("terminal", "the standard streams: messages, prompts, progress, pager, editor", "errors paths text"),
    Room("query", "filter, sort and response fields: types, and a parser for each", "errors model text"),
    Room(
        "inputs",
        "accounts and tables from arguments and files, streamed",
        "account_set customer errors model terminal text",
    ),
    Room(
        "expressions",
        "set expressions: syntax, meaning, samples and splits",
        "account_set errors model query text",
    ),
    Room(
        "output",
        "the output formats, one module each; heat maps; JMESPath",
        "errors heat_map model result text",
    ),
    Room(
        "backends",
        "where segments are stored: one interface, a package for each kind",
        "__init__ account_set customer errors model paths query text",
    ),
    Room(
        "identify",
        "which accounts rows mean that name customers by e-mail, external id or user name",
        "account_set backends customer errors inputs model text",
    ),
    Room(
        "ledger",
        "what this user did to a tenant from this machine, as the tenant keeps no history",
        "account_set backends errors model paths query text",
    ),
    Room(
        "config", "settings from flags, variables and profiles; secrets", "backends errors output paths text"
    ),
    Room(
        "bulk",
        "changing many memberships: chunks, parallel requests, resuming",
        "account_set backends errors model paths terminal",
    ),
    Room(
        "manifest",
        "segments as code: what a manifest says, what would change, how it is applied",
        "account_set backends bulk customer errors expressions identify inputs model output paths query"
        " terminal text",
    ),
    Room(
        "operations",
        "what each command does, from a backend and typed values to a result",
        "account_set backends bulk config customer errors expressions heat_map identify inputs manifest model"
        " paths query result terminal text",
    ),
    Room(
        "completion",
        "completion scripts for each shell, and the values that they ask for",
        "backends config customer errors expressions model paths query result spec text",
    ),
    Room("recorded", "the command line and the reason as the history records them", "errors text"),
    Room(
        "session",
        "one run: the streams, the settings, the backend; errors to exit codes",
        "backends config errors ledger output recorded result terminal text",
    ),
    Room(
        "server",
        "the API over HTTP on any backend: `segments serve`",
        "__init__ account_set backends errors model query result terminal text",
    ),
    Room(
        "commands",
        "the commands, one module each: what it takes, and the operation it calls",
        "__init__ backends bulk completion config errors heat_map inputs manifest model operations output"
        " query schemas server session spec",
    ),
    Room(
        "parser",
        "from a command line to a call: a fast parser, Typer for the rest, help",
        "commands errors session spec terminal",
    ),
    Room("cli", "parses a line and runs it", "errors parser session terminal"),
    Room("__main__", "the entry point: signals and the exit", "__init__ cli"),
)

# Packages with more than a docstring in `__init__`, and why; a backend's package defines `Package`.
INITS = {
    "": "the version",
    "output": "FORMATS, and the function that picks the module",
    "backends": "SCHEMES, and the functions that pick the package",
    "commands.accounts": "the group of its modules",
    "commands": "SUMMARIES, and the function that loads a command",
    "schemas": "SCHEMAS, and the function that picks one",
    "parser": "chooses between the parsers",
}
# Numbers that are HTTP statuses elsewhere, and what they are here.
NOT_STATUSES = {
    ("completion.values", 500): "values offered at most",
    ("output.table", 500): "rows that are laid out together",
}
STATUS_ROOMS = ("errors", "server", "backends.tenant")
SHARED_BACKEND = "backends.store"  # not a backend itself
SQL_ROOMS = ("backends.store", "backends.sqlite", "backends.postgresql")

_TABLE = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)


def with_table(text: str) -> str:
    """The text of CONTRIBUTING.md with the table of rooms between its marks. Raises ValueError."""
    rows = [f"| `{room.name}` | {room.description} |" for room in ROOMS]
    table = "\n".join(["| room | what it is for |", "|---|---|", *rows, ""])
    if not _TABLE.search(text):
        raise ValueError("the marks <!-- rooms --> and <!-- /rooms --> are missing")
    return _TABLE.sub(lambda _: table, text)


def main() -> None:
    path = PROJECT / "CONTRIBUTING.md"
    path.write_text(with_table(path.read_text()))
    sys.stdout.write(f"{path}: {len(ROOMS)} rooms\n")


if __name__ == "__main__":
    main()
