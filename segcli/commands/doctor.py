"""segments doctor"""

from segcli.commands.declare import command, new_app
from segcli.operations.doctor import doctor as examine
from segcli.session import Session

app = new_app()


@command(app, "doctor", "segments doctor", "segments --profile sandbox doctor -o json")
def doctor(session: Session) -> int:
    """Check the set-up: configuration, host, ticket, clock, store."""
    return session.run(examine, session.settings)
