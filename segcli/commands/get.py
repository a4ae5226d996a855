"""segments get"""

import typer

from segcli.commands.declare import FieldsOption, SegmentsArgument, command, new_app, session_of
from segcli.operations import segments

app = new_app()


@command(
    app,
    "get",
    "segments get VIP",
    "segments get VIP STAFF -o json",
    "segments get code:2026 --query auditInfo.createDate",
)
def get(context: typer.Context, segment: SegmentsArgument, fields: FieldsOption = None) -> int:
    """Show segments by id or code."""
    return session_of(context).run(segments.get, segment, fields=fields)
