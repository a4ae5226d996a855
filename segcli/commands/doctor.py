"""segments doctor"""

from typing import Annotated

from segcli.commands.options import YesOption
from segcli.errors import ConfigError
from segcli.operations.doctor import doctor, misconfigured, upgraded
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "doctor", "segments doctor", "segments --profile sandbox doctor -o json", "segments doctor --upgrade"
)
def entry(
    session: Session,
    upgrade: Annotated[
        bool, Option("--upgrade", help="Convert a store in an older format first (asks).")
    ] = False,
    yes: YesOption = False,
) -> int:
    """Check the setup: configuration, host, ticket, clock, store.

    A store in a file is upgraded by the first command that uses it. A shared store is not,
    because older versions of segments can no longer use it then: --upgrade does it.
    """
    try:
        settings = session.settings
    except ConfigError as error:
        session.ignore_config()
        return session.show(misconfigured(error))
    if upgrade:
        return session.run(upgraded, session.terminal, settings, yes=yes)
    return session.run_with_history(doctor, settings)
