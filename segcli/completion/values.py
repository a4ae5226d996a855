"""Values that only the configuration or a backend knows: profiles, and the codes of segments.

The user has pressed TAB and waits: nothing prompts, only values are printed, it takes a second at most, and
if anything fails there are no values.
"""

import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from segcli.backends import open_backend
from segcli.backends.base import Codes
from segcli.completion.cache import cached_codes, save_codes
from segcli.config.settings import Settings, config_path
from segcli.errors import UnauthorizedError
from segcli.model import segment_argument
from segcli.text import UNSAFE, visible

MAX_VALUES = 500  # more than anyone reads
_MAX_NAME = 60  # characters
_DEADLINE = 0.8  # seconds; starting the process takes some more
_LOCK_TIMEOUT = 0.2  # seconds to wait for a store that another process is writing
_AMBIGUOUS = re.compile(r"[0-9]+\Z|id:|code:|-")  # would be read as something else than a code


@contextmanager
def deadline() -> Iterator[None]:
    """Ends the process if the block takes too long, whatever it waits for: a DNS lookup has no timeout."""
    timer = threading.Timer(_DEADLINE, os._exit, [0])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def profiles(prefix: str) -> list[str]:
    """The names of the profiles that start with `prefix`."""
    from segcli.config.files import read_config

    return completable(prefix, read_config(config_path()).profiles)


def segments(prefix: str, settings: Settings) -> list[str]:
    """The segments of the backend that start with `prefix`, written as a SEGMENT.

    Raises SegcliError if they cannot be read.
    """
    codes = codes_of(prefix.removeprefix("code:"), settings)
    return completable(prefix, (as_segment(code, prefix) for code in codes.items))


def named_segments(prefix: str, settings: Settings) -> list[str]:
    """The same, each with a tab and its name, which is empty if it has none."""
    codes = codes_of(prefix.removeprefix("code:"), settings)
    names = {as_segment(code, prefix): codes.names.get(code, "") for code in codes.items}
    return [f"{value}\t{_short(names[value])}" for value in completable(prefix, names)]


def _short(name: str) -> str:
    """A name that a terminal can show beside a code."""
    name = visible(name)
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"


def as_segment(code: str, prefix: str) -> str:
    """A code as a SEGMENT that continues `prefix` if possible: completion cannot change what was typed."""
    if prefix.startswith("code:"):
        return f"code:{code}"
    argument = segment_argument(code)
    return code if prefix and not argument.startswith(prefix) and not _AMBIGUOUS.match(code) else argument


def completable(prefix: str, values: Iterable[str]) -> list[str]:
    """The values that a terminal can show on one line."""
    fitting = (value for value in values if value.startswith(prefix) and not re.search(UNSAFE, value))
    return sorted(fitting)[:MAX_VALUES]


def codes_of(prefix: str, settings: Settings) -> Codes:
    """The codes that start with `prefix`; those of a tenant are cached for a minute."""
    target = settings.target(lambda: _plain_secret(settings), timeout=_LOCK_TIMEOUT, upgrade=False)
    backend = open_backend(target)
    try:
        if backend.reads_are_local:
            return backend.codes(prefix, MAX_VALUES)
        key = _cache_key(backend.place, settings)
        known = cached_codes(key, prefix)
        if known is None:
            known = backend.codes(prefix, MAX_VALUES)
            save_codes(key, prefix, known)
        return known
    finally:
        backend.close()


def _cache_key(place: str, settings: Settings) -> str:
    client = settings.connection.get("client_id")
    return f"{place}\n{client.value if client else ''}"


def _plain_secret(settings: Settings) -> str:
    """The shared secret if the settings contain it; a command or a keyring could prompt the user."""
    secret = settings.connection.get("shared_secret")
    if secret is None or not secret.value:
        raise UnauthorizedError("completion does not prompt for a secret")
    return secret.value
