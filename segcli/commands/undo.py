"""segments undo"""

from typing import Annotated

from segcli.commands.options import DryRunOption, ReasonOption, YesOption
from segcli.session import Session
from segcli.spec import Argument, command


@command("undo", "segments undo", "segments undo 2 --dry-run", "segments undo run:3 --yes")
def entry(
    session: Session,
    change: Annotated[
        list[str] | None,
        Argument(metavar="CHANGE", help="Changes by number, or run:N for all changes of a run."),
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
) -> int:
    """Undo the last run, or the given changes (asks first).

    Without CHANGE it is your last run that is not undone. A change can be undone if
    nothing changed the same fields and accounts after it; otherwise the exit code is 4.
    A deleted segment is restored. An undo is a change, and can be undone.
    """
    from segcli.operations.undo import undo

    return session.run_with_history(
        undo, session.terminal, change or [], origin=session.record(reason), yes=yes, dry_run=dry_run
    )
