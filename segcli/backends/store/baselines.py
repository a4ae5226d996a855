"""Baselines: the changes with which the history of a segment starts, if it does not start with its creation.

A baseline has the segment as it was, and the number and the digest of its accounts, but no copy of them.
"""

import os
from typing import NamedTuple

from segcli.backends.origin import Origin
from segcli.backends.store.database import Connection
from segcli.backends.store.kept_segments import to_text
from segcli.backends.store.recorder import INSERT
from segcli.backends.store.rows import actor
from segcli.model import Segment


class Contents(NamedTuple):
    """The number of accounts of a segment, and their digest (`AccountSet.digest`)."""

    accounts: int
    digest: str


class Baselines:
    """Writes the baselines of one run, all of the same moment."""

    def __init__(self, connection: Connection, at: int, origin: Origin | None = None) -> None:
        self.count = 0
        self._connection = connection
        self._at = at
        self._origin = origin or Origin()
        self._token = os.urandom(16).hex()
        self._run: int | None = None

    def add(self, segment: Segment, contents: Contents) -> None:
        text = to_text(segment)
        origin = self._origin
        values = [
            *(self._token, self._run, None, self._at, origin.by or actor(), origin.command, origin.reason),
            *(segment.id, segment.code, "baseline", text, text, contents.accounts, 0, contents.digest, 1, 1),
        ]
        change_id = self._connection.execute(INSERT, values).fetchall()[0][0]
        if self._run is None:
            self._run = change_id
        self.count += 1
