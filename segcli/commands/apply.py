"""segments apply"""

from typing import Annotated

from segcli.commands.options import (
    AccountsOption,
    AllowEmptySourceOption,
    DryRunOption,
    MatchOption,
    MinMatchSourceOption,
    PruneExceptOption,
    PruneOption,
    ReasonOption,
    SourceArgument,
    YesOption,
)
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "apply",
    "segments apply segments.yaml --dry-run --save-plan plan.json",
    "segments apply sqlite:backup.db --accounts --prune --max-remove 5%",
    "segments apply profile:sandbox --accounts --match email --dry-run",
)
def entry(
    session: Session,
    source: SourceArgument,
    prune: PruneOption = False,
    prune_except: PruneExceptOption = None,
    accounts: AccountsOption = False,
    match: MatchOption = None,
    min_match: MinMatchSourceOption = None,
    allow_empty: AllowEmptySourceOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    save_plan: Annotated[
        str | None, Option(metavar="FILE", complete="file", help="Write the plan to FILE, for apply FILE.")
    ] = None,
    max_remove: Annotated[
        str | None, Option(metavar="N|P%", help="Refuse to remove more accounts of a segment.")
    ] = None,
    max_delete: Annotated[
        int | None, Option(min=0, max=INT32_MAX, metavar="N", help="Refuse to delete more segments.")
    ] = None,
    max_requests: Annotated[
        int | None,
        Option(min=0, max=INT32_MAX, metavar="N", help="Refuse to send more requests."),
    ] = None,
    history: Annotated[
        bool, Option("--history", help="Copy a store to an empty one: ids and changes too.")
    ] = False,
    reason: ReasonOption = None,
) -> int:
    """Make the backend match a manifest or another backend (asks first)."""
    from segcli.operations.apply import ApplyOptions, apply
    from segcli.operations.apply_source import SourceOptions

    session.record(reason)
    settings = session.settings
    source_options = SourceOptions(prune, accounts, prune_except, allow_empty, match, min_match)
    options = ApplyOptions(dry_run, yes, save_plan, max_remove, max_delete, max_requests, settings.rps)
    if history:
        from segcli.operations.move import move

        return session.run_with_history(
            move, session.terminal, source, session.open_source, source_options, options
        )
    return session.run_with_history(
        apply,
        session.terminal,
        source,
        session.open_source,
        source_options,
        options,
        samples=settings.verbose,
    )
