"""segments accounts"""

from typing import Annotated

from segcli.commands.declare import (
    AccountsArgument,
    Argument,
    FieldsOption,
    FilterOption,
    Option,
    SegmentArgument,
    SortOption,
    command,
    new_app,
)
from segcli.model import INT32_MAX
from segcli.operations import accounts, membership, replace
from segcli.operations.change import CONCURRENCY, Manner
from segcli.operations.source import Source
from segcli.session import Session

AccountsOrFileArgument = Annotated[
    list[str] | None,
    Argument(metavar="ACCOUNT...", help="Account ids, from 1 to 2147483647."),
]
FileOption = Annotated[
    str | None,
    Option("--file", "-f", metavar="FILE", help="Text, CSV, JSON or JSON lines; - is stdin."),
]
ColumnOption = Annotated[str | None, Option(metavar="NAME", help="The CSV's column; else accountId or id.")]
SkipInvalidOption = Annotated[
    bool, Option("--skip-invalid", help="Pass over and count what is no account id.")
]
RejectsOption = Annotated[str | None, Option(metavar="FILE", help="Keep what was refused, with the reason.")]
DryRunOption = Annotated[bool, Option("--dry-run", help="Count what would change, change nothing.")]
ChunkSizeOption = Annotated[
    int | None,
    Option(
        min=1,
        max=INT32_MAX,
        metavar="N",
        help="Accounts a request, 1000 where not said; locally, accounts a transaction, else one for all.",
    ),
]
ConcurrencyOption = Annotated[int, Option(min=1, max=32, metavar="N", help="Requests to a tenant at a time.")]
ResumeOption = Annotated[bool, Option("--resume", help="Go on where this command was interrupted.")]

app = new_app(
    "segments accounts add VIP 1001 1002",
    "segments accounts list VIP",
    help="Add, remove and list the accounts of a segment.",
)


@command(
    app,
    "add",
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
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = CONCURRENCY,
    resume: ResumeOption = False,
) -> int:
    """Make accounts members of a segment."""
    source = Source(account or (), file, column, skip_invalid, rejects)
    manner = Manner(dry_run, chunk_size, concurrency, resume)
    return session.run(membership.add, session.terminal, segment, source, manner)


@command(
    app,
    "remove",
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
    strict: Annotated[bool, Option("--strict", help="An account that is no member is an error.")] = False,
    dry_run: DryRunOption = False,
    concurrency: ConcurrencyOption = CONCURRENCY,
    resume: ResumeOption = False,
) -> int:
    """End memberships; accounts that are no members are counted."""
    source = Source(account or (), file, column, skip_invalid, rejects)
    manner = Manner(dry_run, None, concurrency, resume)
    return session.run(membership.remove, session.terminal, segment, source, manner, strict=strict)


@command(
    app,
    "set",
    "segments accounts set VIP --file customers.csv --dry-run",
    "segments accounts set VIP --file customers.csv --max-remove 5% --yes",
)
def set_accounts(
    session: Session,
    segment: SegmentArgument,
    file: Annotated[
        str,
        Option("--file", "-f", metavar="FILE", help="Text, CSV, JSON or JSON lines; - is stdin."),
    ],
    column: ColumnOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    max_remove: Annotated[
        str | None,
        Option(metavar="N|P%", help="Refuse to remove more than that."),
    ] = None,
    allow_empty: Annotated[
        bool, Option("--allow-empty", help="Let a file without accounts empty it.")
    ] = False,
    yes: Annotated[bool, Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: DryRunOption = False,
    chunk_size: ChunkSizeOption = None,
    concurrency: ConcurrencyOption = CONCURRENCY,
) -> int:
    """Make a file the membership: add what is missing, remove what is extra, after asking."""
    source = Source((), file, column, skip_invalid, rejects)
    manner = Manner(dry_run, chunk_size, concurrency)
    return session.run(
        replace.set_accounts,
        session.terminal,
        segment,
        source,
        manner,
        yes=yes,
        allow_empty=allow_empty,
        max_remove=max_remove,
    )


@command(
    app,
    "list",
    "segments accounts list VIP",
    "segments accounts list VIP -o csv > vip.csv",
)
def list_accounts(session: Session, segment: SegmentArgument) -> int:
    """List the accounts of a segment, in ascending order."""
    return session.run(accounts.list_accounts, segment)


@command(
    app,
    "of",
    "segments accounts of 1001",
    "segments accounts of 1001 1002 --fields code -o csv",
)
def of(
    session: Session,
    account: AccountsArgument,
    filter: FilterOption = None,
    sort: SortOption = None,
    fields: FieldsOption = None,
) -> int:
    """List the segments that accounts are in."""
    return session.run(accounts.of, account, filter=filter, sort=sort, fields=fields)
