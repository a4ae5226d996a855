"""The commands: one module per command or noun, with what it takes and the operation it calls.

A new command is a module here with an `entry`, and a line in SUMMARIES.
"""

from importlib import import_module

from segcli.spec import ALIASES, Entry, Group

HELP = "Manage customer segments on a tenant or in a local store."
EXAMPLES = (
    "segments add VIP --name 'Very important'",
    "segments accounts add VIP 1001 1002",
    "segments list -o json",
)
# Each command's module and summary, so that `segments --help` imports none of them; a test compares
# the summaries with the commands' own.
SUMMARIES: dict[str, str] = {
    "add": "Add a segment and print it.",
    "get": "Show segments by id or code.",
    "list": "List segments: one page, or all of them.",
    "update": "Update the given fields of a segment and print it.",
    "edit": "Edit a segment in an editor and print it.",
    "delete": "Delete segments and their memberships (asks first).",
    "accounts": "Add, remove, set, list and count the accounts of segments.",
    "customers": "Import, list and show customers and their identifiers.",
    "overlap": "Show how segments overlap, and which are equal or disjoint.",
    "diff": "Show what apply would change; change nothing.",
    "apply": "Make the backend match a manifest or another backend (asks first).",
    "check": "Check assertions about how many accounts expressions have.",
    "history": "Show what changed, when, by whom and why, newest first.",
    "change": "Show one change in full, or the accounts that joined or left.",
    "undo": "Undo the last run, or the given changes (asks first).",
    "prune-history": "Remove the history before a moment for good (asks first).",
    "forget": "Remove accounts, their identifiers and history (asks first).",
    "export": "Write segments as a manifest, which apply reads.",
    "profile": "Manage profiles: backends and their credentials, by name.",
    "serve": "Serve the resource over HTTP, for testing apps and SDKs.",
    "doctor": "Check the setup: configuration, host, ticket, clock, store.",
    "completion": "Set up shell completion of commands, options and codes.",
    "help": "Show the help of a command.",
    "version": "Print the version.",
}


def find(group: Group | None, word: str) -> Entry | None:
    """What `word`, a name or an alias, calls in `group` (None: the root), or None."""
    name = ALIASES.get(group.words if group else (), {}).get(word, word)
    if group:
        return group.commands.get(name)
    return load(name) if name in SUMMARIES else None


def load(word: str) -> Entry:
    """The command or group called `word`, which must be one of SUMMARIES; its module is imported."""
    entry: Entry = import_module(f"segcli.commands.{word.replace('-', '_')}").entry
    return entry


def load_all() -> Group:
    """The whole command line, as the completion scripts and the manual describe it."""
    from segcli.commands.options import COMMON, VERSION
    from segcli.commands.options import HELP as HELP_OPTION

    return Group((), HELP, EXAMPLES, [load(word) for word in SUMMARIES], (*COMMON, VERSION, HELP_OPTION))
