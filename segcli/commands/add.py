"""segments add"""

from typing import Annotated

from segcli.commands.options import DescriptionOption, DryRunOption, NameOption, ReasonOption
from segcli.operations import segments
from segcli.session import Session
from segcli.spec import Argument, Option, command


@command(
    "add",
    "segments add VIP --name 'Very important' --description 'Spent over 1000 this year'",
    "segments add VIP --name VIPs --exists update",
)
def entry(
    session: Session,
    code: Annotated[str, Argument(metavar="CODE", help="Unique code for programs, e.g. VIP.")],
    name: NameOption = None,
    description: DescriptionOption = None,
    exists: Annotated[
        segments.Exists, Option(metavar="ACTION", help="If the code exists: fail, skip or update.")
    ] = "fail",
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
) -> int:
    """Add a segment and print it."""
    session.record(reason)
    return session.run_with_history(
        segments.add, code, name=name, description=description, exists=exists, dry_run=dry_run
    )
