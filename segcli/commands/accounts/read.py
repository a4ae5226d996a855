"""segments accounts list, count, has, of"""

from typing import Annotated

from segcli.commands.accounts.options import ExpressionArgument
from segcli.commands.options import (
    AccountsArgument,
    AtOption,
    CustomerSetOption,
    FieldsOption,
    FilterOption,
    SegmentArgument,
    SortOption,
    WideOption,
    WithOption,
    set_of,
)
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Argument, Option, command


@command(
    "accounts list",
    "segments accounts list VIP",
    "segments accounts list VIP -o csv > vip.csv",
    "segments accounts list 'VIP minus file:gone.txt'",
    "segments accounts list VIP --sample 5% --seed june",
    "segments accounts list all --limit 1000 --after 1500",
)
def list_accounts(
    session: Session,
    expression: ExpressionArgument,
    limit: Annotated[
        int | None, Option(min=1, max=INT32_MAX, metavar="N", help="Maximum number of accounts.")
    ] = None,
    after: Annotated[
        int, Option(min=0, max=INT32_MAX, metavar="ID", help="Only accounts with a higher id.")
    ] = 0,
    sample: Annotated[
        str | None, Option(metavar="N|P%", help="Select this many, the same ones every time.")
    ] = None,
    seed: Annotated[str | None, Option(metavar="TEXT", help="Select another sample for each TEXT.")] = None,
    identifiers: WithOption = None,
    at: AtOption = None,
) -> int:
    """List the accounts of a segment or a set expression, ascending.

    --limit and --after show a page of them; the totalCount of -o json is that of all pages.
    """
    from segcli.operations import accounts

    return session.run(
        accounts.list_accounts,
        session.terminal,
        expression,
        limit=limit,
        after=after,
        sample=sample,
        seed=seed,
        identifiers=identifiers,
        at=at,
    )


@command(
    "accounts count",
    "segments accounts count 'VIP minus STAFF'",
    "segments accounts count VIP STAFF 'VIP and STAFF' all",
)
def count(
    session: Session,
    expression: Annotated[
        list[str], Argument(metavar="EXPRESSION", complete="expression", help="Segments or set expressions.")
    ],
    at: AtOption = None,
) -> int:
    """Count the accounts of set expressions, all at the same moment."""
    from segcli.operations import accounts

    return session.run(accounts.count, session.terminal, expression, at=at)


@command(
    "accounts has",
    "segments accounts has VIP 1001",
    "segments accounts list VIP --limit 9 | segments accounts has VIP - -q",
)
def has(
    session: Session,
    segment: SegmentArgument,
    account: AccountsArgument,
    customer_set: CustomerSetOption = None,
) -> int:
    """Show which accounts are in a segment; exit code 10 if one is not.

    More than 20 accounts are looked up in all accounts of the segment, which takes a tenant a request for
    200 of them.
    """
    from segcli.operations import accounts

    return session.run(
        accounts.has, session.terminal, segment, account, customer_set=set_of(session, customer_set)
    )


@command(
    "accounts of",
    "segments accounts of 1001",
    "segments accounts of 1001 1002 --fields code -o csv",
)
def of(
    session: Session,
    account: AccountsArgument,
    customer_set: CustomerSetOption = None,
    filter: FilterOption = None,
    sort: SortOption = None,
    fields: FieldsOption = None,
    wide: WideOption = False,
    at: AtOption = None,
) -> int:
    """List the segments that contain an account."""
    from segcli.operations import accounts

    return session.run(
        accounts.of,
        session.terminal,
        account,
        filter=filter,
        sort=sort,
        fields=fields,
        wide=wide,
        at=at,
        customer_set=set_of(session, customer_set),
    )
