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

app = new_app(
    help="Add, remove and list the accounts of a segment.",
    epilog=epilog("segments accounts add VIP 1001 1002", "segments accounts list VIP"),
)


@command(app, "add", "segments accounts add VIP 1001 1002 1003")
def add(context: typer.Context, segment: SegmentArgument, account: AccountsArgument) -> int:
    """Make accounts members of a segment: all of them or none."""
    return session_of(context).run(accounts.add, segment, account)


@command(app, "remove", "segments accounts remove VIP 1001 1002")
def remove(
    context: typer.Context,
    segment: SegmentArgument,
    account: AccountsArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse, whole, where one is no member.")] = False,
) -> int:
    """End memberships; accounts that are no members are counted."""
    return session_of(context).run(accounts.remove, segment, account, strict=strict)


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
