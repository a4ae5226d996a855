"""segments get"""

from segcli.commands.options import AtOption, FieldsOption, SegmentsArgument, WideOption
from segcli.operations import segments
from segcli.session import Session
from segcli.spec import command


@command(
    "get",
    "segments get VIP",
    "segments get VIP STAFF -o json",
    "segments list --all -o code | segments get - -o jsonl",
    "segments get code:2026 --query auditInfo.createDate",
)
def entry(
    session: Session,
    segment: SegmentsArgument,
    fields: FieldsOption = None,
    at: AtOption = None,
    wide: WideOption = False,
) -> int:
    """Show segments by id or code."""
    return session.run(segments.get, segment, fields=fields, wide=wide, at=at)
