"""segments delete"""

from typing import Annotated

import typer

from segcli.commands.declare import SegmentsArgument, command, new_app, session_of
from segcli.operations import segments

app = new_app()


@command(
    app,
    "delete",
    "segments delete VIP",
    "segments delete VIP STAFF --yes --ignore-missing",
)
def delete(
    context: typer.Context,
    segment: SegmentsArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    ignore_missing: Annotated[
        bool, typer.Option("--ignore-missing", help="Pass over those that do not exist.")
    ] = False,
) -> int:
    """Delete segments and their account associations, after asking; the accounts stay."""
    session = session_of(context)
    return session.run(segments.delete, session.terminal, segment, yes=yes, ignore_missing=ignore_missing)
