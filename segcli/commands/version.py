"""segments version"""

from segcli import __version__
from segcli.session import Session
from segcli.spec import command


@command("version", "segments version")
def entry(session: Session) -> int:
    """Print the version."""
    with session.terminal.output() as stream:
        stream.write(f"segments {__version__}\n")
    return 0
