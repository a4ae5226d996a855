"""segments completion"""

import os
from contextlib import suppress
from typing import Annotated, Literal

from segcli.commands.declare import Argument, command, new_app
from segcli.errors import SegcliError
from segcli.session import Session

app = new_app(
    "segments completion install",
    "segments completion show zsh",
    help="Complete commands, options and codes with TAB.",
)
Shell = Literal["bash", "zsh", "fish"]


@command(app, "install", "segments completion install", "segments completion install fish")
def install(
    session: Session,
    shell: Annotated[
        Shell | None, Argument(metavar="[SHELL]", help="bash, zsh or fish; else the one of $SHELL.")
    ] = None,
) -> int:
    """Put the script where the shell finds it, for this user alone."""
    from segcli.completion import install

    name = install.login_shell(os.environ) if shell is None else shell
    return session.show(install.install, name, _script(name), os.environ)


@command(
    app,
    "show",
    "segments completion show fish",
    "segments completion show bash > segments.bash",
)
def show(
    session: Session,
    shell: Annotated[Shell, Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> int:
    """Print the script that completes in a shell."""
    session.terminal.stdout.write(_script(shell))
    return 0


@command(app, "values", hidden=True)
def values(
    session: Session,
    kind: Annotated[Literal["segments", "profiles"], Argument()],
    prefix: Annotated[str, Argument()] = "",
) -> int:
    """What the scripts ask for: the values that start so, one a line, and never a word of anything else."""
    from segcli.completion import live

    live.end_in_time()
    with suppress(SegcliError):
        if kind == "profiles":
            found = live.profiles(prefix)
        else:
            found = live.segments(prefix, session.flags, os.environ)
        session.terminal.stdout.writelines(f"{value}\n" for value in found)
    return 0


def _script(shell: str) -> str:
    from segcli.commands.describe import describe
    from segcli.completion.scripts import script

    return script(shell, describe())
