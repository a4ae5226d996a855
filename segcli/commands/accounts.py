"""segments accounts"""

from typing import Annotated

import typer

from segcli.commands.declare import (
    AccountsArgument,
    FieldsOption,
    FilterOption,
    SegmentArgument,
    SortOption,
    command,
    epilog,
    new_app,
    session_of,
)
from segcli.operations import accounts

AccountsOrFileArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ACCOUNT...", help="Account ids, from 1 to 2147483647.", show_default=False),
]
FileOption = Annotated[
    str | None,
    typer.Option("--file", "-f", metavar="FILE", help="Ids as text, CSV, JSON or JSON lines; - is stdin."),
]
ColumnOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="The CSV's column; accountId or id where not said.")
]
SkipInvalidOption = Annotated[
    bool, typer.Option("--skip-invalid", help="Pass over what is no account id, and count it.")
]
RejectsOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="Keep what was passed over, with its place.")
]

app = new_app(
    help="Add, remove and list the accounts of a segment.",
    epilog=epilog("segments accounts add VIP 1001 1002", "segments accounts list VIP"),
)


@command(
    app,
    "add",
    "segments accounts add VIP 1001 1002 1003",
    "segments accounts add VIP --file customers.csv",
    "zcat ids.gz | segments accounts add VIP --file -",
)
def add(
    context: typer.Context,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
) -> int:
    """Make accounts members of a segment."""
    source = accounts.Source(account or (), file, column, skip_invalid, rejects)
    return session_of(context).run(accounts.add, segment, source)


@command(
    app,
    "remove",
    "segments accounts remove VIP 1001 1002",
    "segments accounts remove VIP --file gone.txt",
)
def remove(
    context: typer.Context,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse, whole, where one is no member.")] = False,
) -> int:
    """End memberships; accounts that are no members are counted."""
    source = accounts.Source(account or (), file, column, skip_invalid, rejects)
    return session_of(context).run(accounts.remove, segment, source, strict=strict)


@command(
    app,
    "list",
    "segments accounts list VIP",
    "segments accounts list VIP -o csv > vip.csv",
)
def list_accounts(context: typer.Context, segment: SegmentArgument) -> int:
    """List the accounts of a segment, in ascending order."""
    return session_of(context).run(accounts.list_accounts, segment)


@command(
    app,
    "of",
    "segments accounts of 1001",
    "segments accounts of 1001 1002 --fields code -o csv",
)
def of(
    context: typer.Context,
    account: AccountsArgument,
    filter: FilterOption = None,
    sort: SortOption = None,
    fields: FieldsOption = None,
) -> int:
    """List the segments that accounts are in."""
    return session_of(context).run(accounts.of, account, filter=filter, sort=sort, fields=fields)
