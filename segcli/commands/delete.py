"""segments delete"""

from typing import Annotated

from segcli.commands.declare import Option, SegmentsArgument, command, new_app
from segcli.operations import segments
from segcli.session import Session

app = new_app()


@command(
    app,
    "delete",
    "segments delete VIP",
    "segments delete VIP STAFF --yes --ignore-missing",
)
def delete(
    session: Session,
    segment: SegmentsArgument,
    yes: Annotated[bool, Option("--yes", "-y", help="Do not ask.")] = False,
    ignore_missing: Annotated[
        bool, Option("--ignore-missing", help="Pass over those that do not exist.")
    ] = False,
) -> int:
    """Delete segments and their memberships, after asking.

    The accounts stay.
    """
    return session.run(segments.delete, session.terminal, segment, yes=yes, ignore_missing=ignore_missing)
