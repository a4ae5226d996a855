"""segments accounts"""

from typing import Annotated

from segcli.bulk.options import DEFAULT_CONCURRENCY, BulkOptions
from segcli.commands.options import (
    AccountsArgument,
    AtOption,
    DryRunOption,
    FieldsOption,
    FilterOption,
    ReasonOption,
    SegmentArgument,
    SortOption,
    WideOption,
    WithOption,
    YesOption,
)
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Argument, Group, Option, command

AccountsOrFileArgument = Annotated[
    list[str] | None, Argument(metavar="ACCOUNT", help="Account ids, 1 to 2147483647; - is stdin.")
]
FILE = Option(
    "--file", "-f", metavar="FILE", complete="file", help="Text, CSV, JSON, JSON lines or YAML; - is stdin."
)
FileOption = Annotated[str | None, FILE]
ExpressionArgument = Annotated[
    str,
    Argument(
        metavar="EXPRESSION",
        complete="expression",
        help="Set expression, such as 'VIP and not (STAFF or TEST)'.",
    ),
]
FromOption = Annotated[
    str | None,
    Option("--from", metavar="EXPRESSION", complete="expression", help="The accounts of a set expression."),
]
MaxRemoveOption = Annotated[
    str | None, Option(metavar="N|P%", help="Refuse to remove more accounts than this.")
]
ColumnOption = Annotated[
    str | None, Option(metavar="NAME", help="CSV column (default: accountId, account_id or id).")
]
SkipInvalidOption = Annotated[bool, Option("--skip-invalid", help="Skip invalid account ids and count them.")]
AllowEmptyOption = Annotated[bool, Option("--allow-empty", help="Accept a file or a set without accounts.")]
RejectsOption = Annotated[
    str | None,
    Option(metavar="FILE", complete="file", help="Write invalid and rejected accounts to FILE."),
]
ChunkSizeOption = Annotated[
    int | None,
    Option(
        min=1,
        max=INT32_MAX,
        metavar="N",
        help="Accounts per request (default 1000) or transaction.",
    ),
]
ConcurrencyOption = Annotated[int, Option(min=1, max=32, metavar="N", help="Parallel requests to a tenant.")]
ResumeOption = Annotated[bool, Option("--resume", help="Continue this command where it was interrupted.")]


@command(
    "accounts add",
    "segments accounts add VIP 1001 1002 1003",
    "segments accounts add VIP --file customers.csv --resume",
    "segments accounts add STAFF --from 'VIP or file:customers.csv' --dry-run",
)
def add(
    session: Session,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    source: FromOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    allow_empty: AllowEmptyOption = False,
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
    resume: ResumeOption = False,
    reason: ReasonOption = None,
) -> int:
    """Add accounts to a segment."""
    from segcli.inputs.source import Source  # the commands that only read need neither
    from segcli.operations import memberships

    given = Source(account or (), file, column, skip_invalid, rejects, allow_empty, source).or_stdin()
    options = BulkOptions(dry_run, chunk_size, concurrency, resume)
    session.record(reason)
    return session.run_with_history(memberships.add, session.terminal, segment, given, options)


@command(
    "accounts remove",
    "segments accounts remove VIP 1001 1002",
    "segments accounts remove VIP --from 'VIP and STAFF' --allow-empty",
)
def remove(
    session: Session,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    source: FromOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    allow_empty: AllowEmptyOption = False,
    strict: Annotated[bool, Option("--strict", help="Fail if an account is not a member.")] = False,
    dry_run: DryRunOption = False,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
    resume: ResumeOption = False,
    reason: ReasonOption = None,
) -> int:
    """Remove accounts from a segment; non-members are counted, not an error."""
    from segcli.inputs.source import Source  # the commands that only read need neither
    from segcli.operations import memberships

    given = Source(account or (), file, column, skip_invalid, rejects, allow_empty, source).or_stdin()
    options = BulkOptions(dry_run, None, concurrency, resume)
    session.record(reason)
    return session.run_with_history(
        memberships.remove, session.terminal, segment, given, options, strict=strict
    )


@command(
    "accounts set",
    "segments accounts set VIP --file customers.csv --max-remove 5% --yes",
    "segments accounts set VIP --from 'file:customers.csv minus STAFF' --max-remove 5% --yes",
)
def set_accounts(
    session: Session,
    segment: SegmentArgument,
    file: FileOption = None,
    source: FromOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    max_remove: MaxRemoveOption = None,
    allow_empty: Annotated[
        bool, Option("--allow-empty", help="Accept no accounts, which empties the segment.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
    reason: ReasonOption = None,
) -> int:
    """Set the accounts of a segment to a file or a set expression (asks first)."""
    from segcli.inputs.source import Source
    from segcli.operations import memberships

    given = Source((), file, column, skip_invalid, rejects, allow_empty, source)
    options = BulkOptions(dry_run, chunk_size, concurrency)
    session.record(reason)
    return session.run_with_history(
        memberships.set_accounts,
        session.terminal,
        segment,
        given,
        options,
        yes=yes,
        max_remove=max_remove,
    )


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
    """List the accounts of a segment or a set expression in ascending order.

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
def has(session: Session, segment: SegmentArgument, account: AccountsArgument) -> int:
    """Show which accounts are in a segment; exit code 10 if one is not.

    More than 20 accounts are looked up in all accounts of the segment, which takes a tenant a request for
    200 of them.
    """
    from segcli.operations import accounts

    return session.run(accounts.has, segment, account)


@command(
    "accounts of",
    "segments accounts of 1001",
    "segments accounts of 1001 1002 --fields code -o csv",
)
def of(
    session: Session,
    account: AccountsArgument,
    filter: FilterOption = None,
    sort: SortOption = None,
    fields: FieldsOption = None,
    wide: WideOption = False,
    at: AtOption = None,
) -> int:
    """List the segments that contain an account."""
    from segcli.operations import accounts

    return session.run(
        accounts.of, session.terminal, account, filter=filter, sort=sort, fields=fields, wide=wide, at=at
    )


@command(
    "accounts split",
    "segments accounts split VIP A=45% B=45% HOLDOUT=rest --create --dry-run",
    "segments accounts split 'VIP minus STAFF' TEST=10% CONTROL=rest --create --seed june --yes",
)
def split(
    session: Session,
    expression: ExpressionArgument,
    share: Annotated[
        list[str], Argument(metavar="CODE=SHARE", help="Segments with a percentage, or rest; 100% together.")
    ],
    seed: Annotated[
        str | None, Option(metavar="TEXT", help="Divide in another way (default: the CODEs).")
    ] = None,
    create: Annotated[bool, Option("--create", help="Create the segments that do not exist.")] = False,
    max_remove: Annotated[
        str | None, Option(metavar="N|P%", help="Refuse to remove more accounts than this from a segment.")
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
) -> int:
    """Divide the accounts of a set expression into disjoint segments (asks first).

    Each CODE is set to its part, and loses its other accounts. An account is always in the same part, also
    when accounts are added, as long as neither the seed nor the shares change.
    """
    from segcli.operations import split as operation

    session.record(reason)
    return session.run_with_history(
        operation.split_accounts,
        session.terminal,
        expression,
        share,
        seed=seed,
        create=create,
        dry_run=dry_run,
        yes=yes,
        max_remove=max_remove,
    )


entry = Group(
    ("accounts",),
    "Add, remove, set, list and count the accounts of segments.",
    ("segments accounts add VIP 1001 1002", "segments accounts list 'VIP minus STAFF'"),
    (add, remove, set_accounts, list_accounts, count, has, split, of),
)
