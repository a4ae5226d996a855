"""segments doctor"""

from segcli.operations.doctor import doctor
from segcli.session import Session
from segcli.spec import command


@command("doctor", "segments doctor", "segments --profile sandbox doctor -o json")
def entry(session: Session) -> int:
    """Check the setup: configuration, host, ticket, clock, store."""
    return session.run(doctor, session.settings)
