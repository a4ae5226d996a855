"""segments add"""

import typer

from segcli.commands.declare import DescriptionOption, NameOption, command, new_app, session_of
from segcli.operations import segments

app = new_app()


@command(
    app,
    "add",
    "segments add VIP --name 'Very important' --description 'Spent over 1000 this year'",
    "segments add VIP -o id",
)
def add(
    context: typer.Context,
    code: str = typer.Argument(metavar="CODE", help="What programs call it; unique."),
    name: NameOption = None,
    description: DescriptionOption = None,
) -> int:
    """Add a segment, and show it."""
    return session_of(context).run(segments.add, code, name=name, description=description)
