"""segments delete"""

from typing import Annotated

from segcli.commands.options import DryRunOption, ReasonOption, SegmentsArgument, YesOption
from segcli.operations import segments
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
    reason: ReasonOption = None,
) -> int:
    """Delete segments and their memberships (asks first).

    The accounts themselves are kept.
    """
    session.record(reason)
    return session.run(
        segments.delete,
        session.terminal,
        segment,
        yes=yes,
        ignore_missing=ignore_missing,
        dry_run=dry_run,
    )
