"""segments completion"""

import os
from contextlib import suppress
from typing import Annotated, Literal

from segcli.errors import SegcliError
from segcli.session import Session
from segcli.spec import Argument, Group, command

Shell = Literal["bash", "zsh", "fish"]
Kind = Literal["segments", "named-segments", "profiles", "expressions", "assertions"]


@command("completion install", "segments completion install", "segments completion install fish")
def install(
    session: Session,
    shell: Annotated[
        Shell | None, Argument(metavar="SHELL", help="bash, zsh or fish (default: the shell in $SHELL).")
    ] = None,
) -> int:
    """Install the completion script for the current user."""
    from segcli.completion.install import install, login_shell

    name = login_shell(os.environ) if shell is None else shell
    return session.run_local(install, name, _script(name), os.environ)


@command(
    "completion show",
    "segments completion show fish",
    "segments completion show bash > segments.bash",
)
def show(
    session: Session,
    shell: Annotated[Shell, Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> int:
    """Print the completion script of a shell."""
    script = _script(shell)
    with session.terminal.output() as stream:
        stream.write(script)
    return 0


@command("completion values", hidden=True)
def values(
    session: Session,
    kind: Annotated[Kind, Argument(metavar="KIND", help="What to complete.")],
    prefix: Annotated[str, Argument(metavar="PREFIX", help="What was typed.")] = "",
) -> int:
    """Print the values that start with a prefix, for the scripts; errors are silent."""
    from segcli.completion.values import deadline, named_segments, profiles, segments

    with deadline(), suppress(SegcliError):
        if kind == "profiles":
            found = profiles(prefix)
        elif kind in ("expressions", "assertions"):
            from segcli.completion.expressions import expressions

            found = expressions(prefix, session.settings, assertion=kind == "assertions")
        else:
            found = (segments if kind == "segments" else named_segments)(prefix, session.settings)
        with session.terminal.output() as stream:
            stream.writelines(f"{value}\n" for value in found)
    return 0


def _script(shell: str) -> str:
    from segcli.commands import load_all
    from segcli.completion.scripts import script

    return script(shell, load_all())


entry = Group(
    ("completion",),
    "Set up shell completion of commands, options and codes.",
    ("segments completion install", "segments completion show zsh"),
    (install, show, values),
)
