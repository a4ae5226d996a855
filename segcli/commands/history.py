"""segments history"""

from typing import Annotated

from segcli.commands.options import WideOption, set_of
from segcli.model import INT32_MAX
from segcli.session import Session
from segcli.spec import Argument, Option, command


@command(
    "history",
    "segments history --limit 5",
    "segments history VIP --since 2026-01-01 -o csv",
    "segments history --account 1002",
)
def entry(
    session: Session,
    segment: Annotated[
        str | None,
        Argument(
            metavar="SEGMENT",
            complete="segment",
            help="Only changes of this segment; it may be deleted, or have another code now.",
        ),
    ] = None,
    account: Annotated[
        str | None, Option(metavar="ACCOUNT", help="Only changes in which this account joined or left.")
    ] = None,
    user: Annotated[str | None, Option(metavar="NAME", help="Only changes by this user.")] = None,
    since: Annotated[
        str | None, Option(metavar="MOMENT", help="Only changes from then on, e.g. 2026-11-01 or -7d.")
    ] = None,
    until: Annotated[str | None, Option(metavar="MOMENT", help="Only changes until then.")] = None,
    limit: Annotated[
        int | None, Option(min=1, max=INT32_MAX, metavar="N", help="Maximum number of changes.")
    ] = None,
    wide: WideOption = False,
) -> int:
    """Show what changed, when, by whom and why, newest first."""
    from segcli.operations.history import history

    return session.run_with_history(
        history,
        session.terminal,
        segment,
        account=account,
        user=user,
        since=since,
        until=until,
        limit=limit,
        wide=wide,
        customer_set=set_of(session),
    )
