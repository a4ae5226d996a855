"""What a run is told: a flag beats a variable, a variable the default."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from segcli.errors import UsageError
from segcli.output import FORMATS

DEFAULT_TIMEOUT = 30.0

# Common option: the variable that says the same (cli.md, "Common options").
VARIABLES = {
    "backend": "SEGMENTS_BACKEND",
    "output": "SEGMENTS_OUTPUT",
    "query": "SEGMENTS_QUERY",
    "quiet": "SEGMENTS_QUIET",
    "verbose": "SEGMENTS_VERBOSE",
    "timeout": "SEGMENTS_TIMEOUT",
    "no_color": "SEGMENTS_NO_COLOR",
}
_YES = ("1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")


class Settings(NamedTuple):
    """The common options, resolved. `output` and `query` are None where nobody chose."""

    backend: str
    output: str | None
    query: str | None
    quiet: bool
    verbose: bool
    timeout: float
    no_color: bool


def resolve(flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """The settings from the flags given and the environment. Raises UsageError, naming the source."""

    def text(name: str) -> str | None:
        value = flags.get(name)
        return str(value) if value is not None else environ.get(VARIABLES[name]) or None

    def switch(name: str) -> bool:
        if flags.get(name):
            return True
        value = environ.get(VARIABLES[name], "").lower()
        if value and value not in _YES + _NO:
            raise UsageError(f"{VARIABLES[name]}={value} is neither yes nor no", hint="say 1 or 0")
        return value in _YES

    return Settings(
        backend=text("backend") or f"sqlite:{default_store()}",
        output=_known_format(text("output")),
        query=text("query"),
        quiet=switch("quiet"),
        verbose=switch("verbose"),
        timeout=_seconds(text("timeout")),
        no_color=switch("no_color"),
    )


def default_store() -> str:
    """The path of the store that is used where none is named."""
    import platformdirs

    return os.path.join(platformdirs.user_data_dir("segments", appauthor=False), "segments.db")


def _known_format(output: str | None) -> str | None:
    if output is not None and output not in FORMATS:
        raise UsageError(f"there is no output format {output}", hint=f"the formats are {', '.join(FORMATS)}")
    return output


def _seconds(text: str | None) -> float:
    if text is None:
        return DEFAULT_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # A day is more than anyone waits, and more than SQLite's milliseconds can hold is an error.
    if not 0 < seconds <= 86_400:
        raise UsageError(f"timeout {text}: it is a number of seconds, more than 0, 86400 at most")
    return seconds
