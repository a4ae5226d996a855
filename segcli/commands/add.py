"""segments add"""

from typing import Annotated

from segcli.commands.declare import Argument, DescriptionOption, NameOption, command, new_app
from segcli.operations import segments
from segcli.session import Session

app = new_app()


@command(
    app,
    "add",
    "segments add VIP --name 'Very important' --description 'Spent over 1000 this year'",
    "segments add VIP -o id",
)
def add(
    session: Session,
    code: Annotated[str, Argument(metavar="CODE", help="What programs call it; unique.")],
    name: NameOption = None,
    description: DescriptionOption = None,
) -> int:
    """Add a segment, and show it."""
    return session.run(segments.add, code, name=name, description=description)
