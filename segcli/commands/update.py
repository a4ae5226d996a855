"""segments update"""

from typing import Annotated

from segcli.commands.declare import DescriptionOption, NameOption, Option, SegmentArgument, command, new_app
from segcli.operations import segments
from segcli.session import Session

app = new_app()


@command(
    app,
    "update",
    "segments update VIP --name 'Very important people'",
    "segments update VIP --description ''",
    "segments update VIP --code GOLD",
)
def update(
    session: Session,
    segment: SegmentArgument,
    code: Annotated[str | None, Option(metavar="CODE", help="Its new code.")] = None,
    name: NameOption = None,
    description: DescriptionOption = None,
) -> int:
    """Change what is given of a segment, and show it.

    An empty text empties.
    """
    return session.run(segments.update, segment, code=code, name=name, description=description)
