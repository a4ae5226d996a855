"""segments doctor"""

import typer

from segcli.commands.declare import command, new_app, session_of
from segcli.operations.doctor import doctor as examine

app = new_app()


@command(app, "doctor", "segments doctor", "segments --profile sandbox doctor -o json")
def doctor(context: typer.Context) -> int:
    """Check the set-up: configuration, host, ticket, clock, store."""
    session = session_of(context)
    return session.run(examine, session.settings)
