"""segments accounts split"""

from typing import Annotated

from segcli.commands.accounts.options import ExpressionArgument
from segcli.commands.options import DryRunOption, ReasonOption, YesOption
from segcli.session import Session
from segcli.spec import Argument, Option, command


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
