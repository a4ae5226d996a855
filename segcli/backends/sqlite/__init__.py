"""Segments in a local SQLite file, with the behavior that the resource has on the platform."""

import os

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, Login


def open_backend(target: BackendTarget) -> Backend:
    from segcli.backends.sqlite.backend import SqliteBackend

    return SqliteBackend(_path(target.url), timeout=target.timeout, trace=target.trace)


def normalize_url(url: str) -> str:
    return f"sqlite:{os.path.abspath(os.path.expanduser(_path(url)))}"


def login_of(url: str, auth_host: str | None) -> Login | None:
    return None


def _path(url: str) -> str:
    return url.removeprefix("sqlite:")
