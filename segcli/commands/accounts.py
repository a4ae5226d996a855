"""segments accounts"""

from typing import Annotated

from segcli.bulk.options import DEFAULT_CONCURRENCY, BulkOptions
from segcli.commands.options import (
    AccountsArgument,
    DryRunOption,
    FieldsOption,
    FilterOption,
    SegmentArgument,
    SortOption,
    WideOption,
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
ColumnOption = Annotated[
    str | None, Option(metavar="NAME", help="CSV column (default: accountId, account_id or id).")
]
SkipInvalidOption = Annotated[bool, Option("--skip-invalid", help="Skip invalid account ids and count them.")]
AllowEmptyOption = Annotated[bool, Option("--allow-empty", help="Accept a file without account ids.")]
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
    "segments accounts add VIP --file customers.csv --dry-run",
    "segments accounts add VIP --file customers.csv --resume",
    "zcat ids.gz | segments accounts add VIP --file -",
)
def add(
    session: Session,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    allow_empty: AllowEmptyOption = False,
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
    resume: ResumeOption = False,
) -> int:
    """Add accounts to a segment."""
    from segcli.inputs.source import Source  # the commands that only read need neither
    from segcli.operations import memberships

    source = Source(account or (), file, column, skip_invalid, rejects, allow_empty).or_stdin()
    options = BulkOptions(dry_run, chunk_size, concurrency, resume)
    return session.run(memberships.add, session.terminal, segment, source, options)


@command(
    "accounts remove",
    "segments accounts remove VIP 1001 1002",
    "segments accounts remove VIP --file gone.txt --concurrency 8",
)
def remove(
    session: Session,
    segment: SegmentArgument,
    account: AccountsOrFileArgument = None,
    file: FileOption = None,
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    allow_empty: AllowEmptyOption = False,
    strict: Annotated[bool, Option("--strict", help="Fail if an account is not a member.")] = False,
    dry_run: DryRunOption = False,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
    resume: ResumeOption = False,
) -> int:
    """Remove accounts from a segment; non-members are counted, not an error."""
    from segcli.inputs.source import Source  # the commands that only read need neither
    from segcli.operations import memberships

    source = Source(account or (), file, column, skip_invalid, rejects, allow_empty).or_stdin()
    options = BulkOptions(dry_run, None, concurrency, resume)
    return session.run(memberships.remove, session.terminal, segment, source, options, strict=strict)


@command(
    "accounts set",
    "segments accounts set VIP --file customers.csv --dry-run",
    "segments accounts set VIP --file customers.csv --max-remove 5% --yes",
)
def set_accounts(
    session: Session,
    segment: SegmentArgument,
    file: Annotated[str, FILE],
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    max_remove: Annotated[
        str | None, Option(metavar="N|P%", help="Refuse to remove more accounts than this.")
    ] = None,
    allow_empty: Annotated[
        bool, Option("--allow-empty", help="Accept an empty file, which empties the segment.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = DEFAULT_CONCURRENCY,
) -> int:
    """Make the segment contain exactly the accounts in a file (asks first)."""
    from segcli.inputs.source import Source
    from segcli.operations import memberships

    source = Source((), file, column, skip_invalid, rejects, allow_empty)
    options = BulkOptions(dry_run, chunk_size, concurrency)
    return session.run(
        memberships.set_accounts,
        session.terminal,
        segment,
        source,
        options,
        yes=yes,
        max_remove=max_remove,
    )


@command(
    "accounts list",
    "segments accounts list VIP",
    "segments accounts list VIP -o csv > vip.csv",
)
def list_accounts(session: Session, segment: SegmentArgument) -> int:
    """List the accounts of a segment in ascending order."""
    from segcli.operations import accounts

    return session.run(accounts.list_accounts, session.terminal, segment)


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
) -> int:
    """List the segments that contain an account."""
    from segcli.operations import accounts

    return session.run(
        accounts.of, session.terminal, account, filter=filter, sort=sort, fields=fields, wide=wide
    )


entry = Group(
    ("accounts",),
    "Add, remove, set and list the accounts of a segment.",
    ("segments accounts add VIP 1001 1002", "segments accounts list VIP"),
    (add, remove, set_accounts, list_accounts, of),
)
