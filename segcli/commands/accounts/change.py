"""segments accounts add, remove, set"""

from typing import Annotated

from segcli.bulk.options import DEFAULT_CONCURRENCY, BulkOptions
from segcli.commands.accounts.options import (
    AccountsOrFileArgument,
    AllowEmptyOption,
    ByOption,
    ChunkSizeOption,
    ColumnOption,
    ConcurrencyOption,
    FileOption,
    FromOption,
    MaxRemoveOption,
    MinMatchOption,
    RejectsOption,
    ResumeOption,
    SkipInvalidOption,
)
from segcli.commands.options import (
    CustomerSetOption,
    DryRunOption,
    ReasonOption,
    SegmentArgument,
    YesOption,
    set_of,
)
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "accounts add",
    "segments accounts add VIP 1001 1002 email:jane@example.com",
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
    by: ByOption = None,
    customer_set: CustomerSetOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    min_match: MinMatchOption = None,
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

    given = Source(
        account or (),
        file,
        column,
        skip_invalid,
        rejects,
        allow_empty,
        source,
        by,
        set_of(session, customer_set),
        min_match,
    ).or_stdin()
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
    by: ByOption = None,
    customer_set: CustomerSetOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    min_match: MinMatchOption = None,
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

    given = Source(
        account or (),
        file,
        column,
        skip_invalid,
        rejects,
        allow_empty,
        source,
        by,
        set_of(session, customer_set),
        min_match,
    ).or_stdin()
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
    by: ByOption = None,
    customer_set: CustomerSetOption = None,
    skip_invalid: SkipInvalidOption = False,
    rejects: RejectsOption = None,
    min_match: MinMatchOption = None,
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

    given = Source(
        (),
        file,
        column,
        skip_invalid,
        rejects,
        allow_empty,
        source,
        by,
        set_of(session, customer_set),
        min_match,
    )
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
