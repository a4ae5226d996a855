"""segments doctor"""

from segcli.errors import ConfigError
from segcli.operations.doctor import doctor, misconfigured
from segcli.session import Session
from segcli.spec import command


@command("doctor", "segments doctor", "segments --profile sandbox doctor -o json")
def entry(session: Session) -> int:
    """Check the setup: configuration, host, ticket, clock, store."""
    try:
        settings = session.settings
    except ConfigError as error:
        session.ignore_config()
        return session.show(misconfigured(error))
    return session.run(doctor, settings)
