"""segments change"""

from typing import Annotated

from segcli.session import Session
from segcli.spec import Argument, Option, command


@command("change", "segments change 2", "segments change 2 --joined -o id")
def entry(
    session: Session,
    change: Annotated[str, Argument(metavar="CHANGE", help="Id of a change, from segments history.")],
    joined: Annotated[bool, Option("--joined", help="List the accounts that joined.")] = False,
    left: Annotated[bool, Option("--left", help="List the accounts that left.")] = False,
) -> int:
    """Show one change in full, or the accounts that joined or left."""
    from segcli.operations.history import change as operation

    return session.run_with_history(operation, change, joined=joined, left=left)
