"""segments update"""

from typing import Annotated

import typer

from segcli.commands.declare import (
    DescriptionOption,
    NameOption,
    SegmentArgument,
    command,
    new_app,
    session_of,
)
from segcli.operations import segments

app = new_app()


@command(
    app,
    "update",
    "segments update VIP --name 'Very important people'",
    "segments update VIP --code GOLD",
    "segments update VIP --description ''",
)
def update(
    context: typer.Context,
    segment: SegmentArgument,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="Its new code.")] = None,
    name: NameOption = None,
    description: DescriptionOption = None,
) -> int:
    """Change what is given of a segment, and show it; an empty text empties."""
    return session_of(context).run(segments.update, segment, code=code, name=name, description=description)
