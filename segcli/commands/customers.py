"""segments customers"""

from typing import Annotated

from segcli.commands.options import (
    AccountsArgument,
    CustomerFieldsOption,
    CustomerFilterOption,
    CustomerSetOption,
    DryRunOption,
    WideOption,
    set_of,
)
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Argument, Group, Option, command


@command(
    "customers import",
    "segments customers import customers.csv --dry-run",
    "segments customers import profile:sandbox --backend sqlite:copy.db",
)
def import_customers(
    session: Session,
    source: Annotated[
        str,
        Argument(
            metavar="SOURCE", complete="file", help="CSV or JSON file, - for stdin, URL or profile:NAME."
        ),
    ],
    skip_invalid: Annotated[bool, Option("--skip-invalid", help="Skip invalid rows and count them.")] = False,
    rejects: Annotated[
        str | None, Option(metavar="FILE", complete="file", help="Write skipped rows to FILE, a CSV.")
    ] = None,
    dry_run: DryRunOption = False,
) -> int:
    """Add customers to a store, and update those that it knows.

    A file has a column accountId or id, and some of emailAddress, userName, externalId, customerSet,
    isAnonymous and isActive; case, spaces, _, - and . make no difference. An empty cell clears a value;
    without a column, customers keep theirs.
    """
    from segcli.operations import customer_import

    session.refuse_keys()
    return session.run(
        customer_import.import_customers,
        session.terminal,
        source,
        session.open_source,
        dry_run=dry_run,
        skip_invalid=skip_invalid,
        rejects=rejects,
    )


@command(
    "customers list",
    "segments customers list --filter \"emailAddress cont '@example.com'\"",
    "segments customers list --fields id,emailAddress -o csv > customers.csv",
)
def list_customers(
    session: Session,
    filter: CustomerFilterOption = None,
    limit: Annotated[
        int | None, Option(min=1, max=INT32_MAX, metavar="N", help="Maximum number of customers.")
    ] = None,
    fields: CustomerFieldsOption = None,
    wide: WideOption = False,
) -> int:
    """List all customers in ascending order of their ids."""
    from segcli.operations import customers

    return session.run(
        customers.list_customers, session.terminal, filter=filter, fields=fields, limit=limit, wide=wide
    )


@command(
    "customers get",
    "segments customers get 1001",
    "segments customers get email:jane@example.com external:C-77",
    "segments accounts list VIP | segments customers get - -o csv",
)
def get(
    session: Session,
    account: AccountsArgument,
    customer_set: CustomerSetOption = None,
    fields: CustomerFieldsOption = None,
    wide: WideOption = False,
) -> int:
    """Show customers by account id or another identifier."""
    from segcli.operations import customers

    chosen = set_of(session, customer_set)
    return session.run(
        customers.get, session.terminal, account, fields=fields, wide=wide, customer_set=chosen
    )


entry = Group(
    ("customers",),
    "Import, list and show customers and their identifiers.",
    ("segments customers import customers.csv", "segments customers list -o csv"),
    (import_customers, list_customers, get),
)
