"""Installs a completion script where its shell looks for it, in the user's own folders."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from segcli.errors import OutputError, UsageError
from segcli.result import Column, Result

_COLUMNS = tuple(Column(name, (name,)) for name in ("shell", "path", "next"))


class Place(NamedTuple):
    """Where a shell looks: the folder in `variable`, by default `default` in HOME, and a path in it.

    `next` is what the user has to do then; `{path}` and `{folder}` are the script and its folder.
    """

    variable: str
    default: str
    path: str
    next: str


_NEW_SHELL = "takes effect in a new shell"
PLACES = {
    "bash": Place(
        "XDG_DATA_HOME",
        ".local/share",
        "bash-completion/completions/segments",
        f"{_NEW_SHELL} if bash-completion is installed; if not, add to ~/.bashrc: source '{{path}}'",
    ),
    "zsh": Place(
        "XDG_DATA_HOME",
        ".local/share",
        "zsh/site-functions/_segments",
        f"{_NEW_SHELL}; add to ~/.zshrc, before compinit: fpath=('{{folder}}' $fpath)",
    ),
    "fish": Place("XDG_CONFIG_HOME", ".config", "fish/completions/segments.fish", _NEW_SHELL),
}


def login_shell(environ: Mapping[str, str]) -> str:
    """The shell that $SHELL names. Raises UsageError if it is not supported."""
    name = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")
    if name not in PLACES:
        raise UsageError(
            f"there is no completion for {name} (SHELL)" if name else "SHELL is not set",
            hint=f"supported: {', '.join(PLACES)}; for example: segments completion install bash",
        )
    return name


def install(shell: str, script: str, environ: Mapping[str, str]) -> Result:
    """Writes the script, replacing an older one; the result says where, and what to do next.

    Raises OutputError if the file cannot be written.
    """
    place = PLACES[shell]
    named = environ.get(place.variable, "")
    folder = Path(named) if os.path.isabs(named) else Path.home() / place.default
    path = folder / place.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{error.filename or path} cannot be written: {error.strerror}") from error
    todo = place.next.format(path=path, folder=path.parent)
    return Result([{"shell": shell, "path": str(path), "next": todo}], _COLUMNS, "object")
