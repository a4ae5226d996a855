"""segments add"""

from typing import Annotated

from segcli.commands.options import DescriptionOption, NameOption
from segcli.operations import segments
from segcli.session import Session
from segcli.spec import Argument, command


@command(
    "add",
    "segments add VIP --name 'Very important' --description 'Spent over 1000 this year'",
    "segments add VIP -o id",
)
def entry(
    session: Session,
    code: Annotated[str, Argument(metavar="CODE", help="Unique code for programs, e.g. VIP.")],
    name: NameOption = None,
    description: DescriptionOption = None,
) -> int:
    """Add a segment and print it."""
    return session.run(segments.add, code, name=name, description=description)
