"""The files of the ledgers in the user's state folder: a store per tenant, used for its history only."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256

from segcli.backends.sqlite.connection import Opening
from segcli.backends.sqlite.database import SqliteDatabase
from segcli.backends.sqlite.store_errors import OTHER_FILE
from segcli.backends.store.backend import StoreBackend
from segcli.backends.store.change_log import ChangeLog
from segcli.backends.store.upkeep import StoreUpkeep
from segcli.errors import StoreCorruptError, StoreError
from segcli.paths import make_private_folder, user_folder
from segcli.text import quoted

_SUFFIX = ".db"
_TIMEOUT = 5.0  # seconds to wait for another process that writes; a run must not wait for its ledger
_MAX_NAME = 60  # characters of the place in the name of its file


def path_of(place: str) -> str:
    """The file of the ledger of a backend's `place`."""
    readable = "".join(each if (each.isascii() and each.isalnum()) or each in ".-" else "_" for each in place)
    name = readable.partition("___")[2] or readable  # without the scheme
    digest = sha256(place.encode()).hexdigest()[:16]
    return os.path.join(_folder(), f"{name[:_MAX_NAME].strip('_')}-{digest}{_SUFFIX}")


def open_ledger(path: str) -> StoreBackend:
    """A ledger as a store without segments, for its history; a missing file is an empty ledger."""
    return _Ledger(_database(path))


def open_log(path: str) -> ChangeLog:
    """A ledger for writing, created by its first change. Raises StoreError."""
    try:
        make_private_folder(os.path.dirname(path))
    except OSError as error:
        folder = os.path.dirname(path)
        raise StoreError(f"the folder {folder} cannot be created: {error.strerror}") from error
    return ChangeLog(_database(path))


class _Ledger(StoreBackend):
    @property
    def upkeep(self) -> StoreUpkeep:
        """Writes no baselines: the segments are elsewhere."""
        return StoreUpkeep(self._database, baselines=False)


class _LedgerDatabase(SqliteDatabase):
    """A database whose errors say what to do about a ledger, not about a backend."""

    def _errors(self) -> AbstractContextManager[None]:
        return _ledger_errors(self.path, super()._errors())


@contextmanager
def _ledger_errors(path: str, errors: AbstractContextManager[None]) -> Iterator[None]:
    try:
        with errors:
            yield
    except StoreError as error:
        if not isinstance(error, StoreCorruptError) and error.hint != OTHER_FILE:
            raise
        hint = f"the tenant is not affected; to start a new ledger: mv {quoted(path)} {quoted(path + '.old')}"
        raise error.with_hint(hint) from error


def _database(path: str) -> SqliteDatabase:
    return _LedgerDatabase(Opening(path, _TIMEOUT, None, _ignore, _ignore, upgrade=True))


def _folder() -> str:
    return os.path.join(user_folder("state"), "ledgers")


def _ignore(text: str | None) -> None:
    """Shows nothing: the ledger is not what the command is about."""
