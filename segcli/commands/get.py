"""segments get"""

from segcli.commands.declare import FieldsOption, SegmentsArgument, command, new_app
from segcli.operations import segments
from segcli.session import Session

app = new_app()


@command(
    app,
    "get",
    "segments get VIP",
    "segments get VIP STAFF -o json",
    "segments get code:2026 --query auditInfo.createDate",
)
def get(session: Session, segment: SegmentsArgument, fields: FieldsOption = None) -> int:
    """Show segments by id or code."""
    return session.run(segments.get, segment, fields=fields)
