"""A tenant's codes, kept for a minute: TAB is pressed more than once for a word."""

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from typing import NamedTuple

from segcli.places import user_folder

_GOOD_FOR = 60.0  # seconds


class Kept(NamedTuple):
    """The codes that start with `prefix`; `whole` says whether these are all of them."""

    prefix: str
    whole: bool
    codes: list[str]

    def answers(self, prefix: str) -> bool:
        return prefix == self.prefix or (self.whole and prefix.startswith(self.prefix))


def kept(name: str, prefix: str) -> Kept | None:
    """What was kept under `name`, if it is fresh and answers for `prefix`."""
    try:
        path = _path(name)
        if not 0 <= time.time() - os.stat(path).st_mtime < _GOOD_FOR:
            return None
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        found = Kept(str(document["prefix"]), document["whole"] is True, list(map(str, document["codes"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.answers(prefix) else None


def keep(name: str, codes: Kept) -> None:
    """Keeps codes under `name` in one step, readable by their owner alone; where it cannot, it does not."""
    path = _path(name)
    with suppress(OSError):
        os.makedirs(user_folder("cache"), exist_ok=True)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle, new = tempfile.mkstemp(dir=os.path.dirname(path))
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(codes._asdict(), file)
        os.replace(new, path)


def _path(name: str) -> str:
    """One file a backend and client, whose names stay out of it."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return os.path.join(user_folder("cache"), "codes", f"{digest}.json")
