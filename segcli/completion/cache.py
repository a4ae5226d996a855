"""Caches the codes of a tenant for a minute: TAB is pressed more than once for a word."""

import hashlib
import json
import os
import time
from contextlib import suppress

from segcli.backends.base import Codes
from segcli.paths import replace_private_file, user_folder, writable_by_others

_MAX_AGE = 60.0  # seconds


def cached_codes(key: str, prefix: str) -> Codes | None:
    """The codes that were saved under `key`, if they are fresh and contain every one with `prefix`."""
    try:
        path = _path(key)
        if writable_by_others(user_folder("cache")) or writable_by_others(os.path.dirname(path)):
            return None  # another user could have written it
        if not 0 <= time.time() - os.stat(path).st_mtime < _MAX_AGE:
            return None
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        saved_prefix, complete = str(document["prefix"]), document["complete"] is True
        names = {str(code): str(name) for code, name in document["names"].items()}
        codes = Codes(list(map(str, document["codes"])), complete, names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    covers = prefix == saved_prefix or (complete and prefix.startswith(saved_prefix))
    return codes if covers else None


def save_codes(key: str, prefix: str, codes: Codes) -> None:
    """Saves the codes that start with `prefix`, if that is possible."""
    document = {
        "prefix": prefix,
        "complete": codes.complete,
        "codes": list(codes.items),
        "names": dict(codes.names),
    }
    with suppress(OSError):
        replace_private_file(_path(key), json.dumps(document))


def _path(key: str) -> str:
    """One file per backend and client, whose name does not contain them."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return os.path.join(user_folder("cache"), "codes", f"{digest}.json")
