"""segments update"""

from typing import Annotated

from segcli.commands.options import (
    DescriptionOption,
    DryRunOption,
    NameOption,
    ReasonOption,
    SegmentArgument,
)
from segcli.operations import segments
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "update",
    "segments update VIP --name 'Very important people'",
    "segments update VIP --description ''",
    "segments update VIP --code GOLD",
)
def entry(
    session: Session,
    segment: SegmentArgument,
    code: Annotated[str | None, Option(metavar="CODE", help="New code.")] = None,
    name: NameOption = None,
    description: DescriptionOption = None,
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
) -> int:
    """Update the given fields of a segment and print it.

    Pass "" to clear the name or the description. A tenant replaces the whole
    segment: of two updates at the same moment, the last one wins all fields.
    """
    session.record(reason)
    return session.run_with_history(
        segments.update, segment, code=code, name=name, description=description, dry_run=dry_run
    )
