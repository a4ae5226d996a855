"""Putting a completion script where its shell looks for it, in the user's own folders."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from segcli.errors import OutputError, UsageError
from segcli.result import Column, Result

_COLUMNS = tuple(Column(name, (name,)) for name in ("shell", "path", "next"))


class Place(NamedTuple):
    """Where a shell looks: a variable that names the folder, or else one below HOME, and a path in it.

    `next` is what is left to do, with the script's folder for `{folder}`.
    """

    variable: str
    otherwise: str
    path: str
    next: str


_NEW_SHELL = "takes effect in a new shell"
PLACES = {
    "bash": Place(
        "XDG_DATA_HOME",
        ".local/share",
        "bash-completion/completions/segments",
        f"{_NEW_SHELL}, with the package bash-completion; without it add to ~/.bashrc: source '{{path}}'",
    ),
    "zsh": Place(
        "XDG_DATA_HOME",
        ".local/share",
        "zsh/site-functions/_segments",
        f"{_NEW_SHELL}, with this in ~/.zshrc before compinit: fpath=('{{folder}}' $fpath)",
    ),
    "fish": Place("XDG_CONFIG_HOME", ".config", "fish/completions/segments.fish", _NEW_SHELL),
}


def login_shell(environ: Mapping[str, str]) -> str:
    """The shell that $SHELL names. Raises UsageError where that is none we know."""
    name = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")
    if name not in PLACES:
        raise UsageError(
            f"SHELL says {name}" if name else "SHELL does not say which shell this is",
            hint=f"say it: segments completion install {' | '.join(PLACES)}",
        )
    return name


def install(shell: str, script: str, environ: Mapping[str, str]) -> Result:
    """Writes the script, replacing an older one; answers where, and what is left to do.

    Raises OutputError where the file cannot be written.
    """
    place = PLACES[shell]
    named = environ.get(place.variable, "")
    folder = Path(named) if os.path.isabs(named) else Path.home() / place.otherwise
    path = folder / place.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{error.filename or path} cannot be written: {error.strerror}") from error
    left = place.next.format(path=path, folder=path.parent)
    return Result([{"shell": shell, "path": str(path), "next": left}], _COLUMNS, "object")
