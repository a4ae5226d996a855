"""Segments in a local SQLite file, with the behavior that the resource has on the platform."""

import os

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, Login


def open_backend(target: BackendTarget) -> Backend:
    from segcli.backends.sqlite.connection import Opening
    from segcli.backends.sqlite.database import SqliteDatabase
    from segcli.backends.store.backend import StoreBackend

    opening = Opening(
        _path(target.url),
        target.timeout,
        target.trace,
        target.on_wait,
        target.on_note,
        upgrade=target.upgrade,
    )
    return StoreBackend(SqliteDatabase(opening))


def normalize_url(url: str) -> str:
    return f"sqlite:{_path(url)}"


def login_of(url: str, auth_host: str | None) -> Login | None:
    return None


def _path(url: str) -> str:
    return os.path.abspath(os.path.expanduser(url.removeprefix("sqlite:")))
