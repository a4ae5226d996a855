"""segments delete"""

from typing import Annotated

from segcli.commands.options import DryRunOption, ReasonOption, SegmentsArgument, YesOption
from segcli.operations import deletion
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "delete",
    "segments delete VIP",
    "segments delete VIP STAFF --yes --ignore-missing",
    "segments list --all --filter \"code sw 'OLD'\" -o id | segments delete - --dry-run",
)
def entry(
    session: Session,
    segment: SegmentsArgument,
    yes: YesOption = False,
    ignore_missing: Annotated[
        bool, Option("--ignore-missing", help="Skip segments that do not exist.")
    ] = False,
    dry_run: DryRunOption = False,
    no_ledger: Annotated[
        bool, Option("--no-ledger", help="Do not read a tenant's accounts first; rules out undo.")
    ] = False,
    reason: ReasonOption = None,
) -> int:
    """Delete segments and their memberships (asks first).

    The accounts themselves are kept. A tenant keeps no history: so that undo can create a segment again, its
    accounts are read first; if that takes more than 100 requests, after a question.
    """
    session.record(reason)
    return session.run_with_history(
        deletion.delete,
        session.terminal,
        segment,
        yes=yes,
        ignore_missing=ignore_missing,
        dry_run=dry_run,
        no_ledger=no_ledger,
    )
