"""Where segments are stored. A backend is named by a URL; only the one in use is imported.

A new backend is a package with the functions of `Package`, and a line in SCHEMES.
"""

import os
from importlib import import_module
from typing import Protocol, cast

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, Login
from segcli.errors import UsageError
from segcli.paths import user_folder
from segcli.text import quoted


class Package(Protocol):
    """What the package of a backend must define."""

    def open_backend(self, target: BackendTarget) -> Backend:
        """The backend; nothing is read or sent before its first use. Raises UsageError."""

    def normalize_url(self, url: str) -> str:
        """The URL as a profile keeps it. Raises UsageError if it is not valid."""

    def login_of(self, url: str, auth_host: str | None) -> Login | None:
        """How a client logs in; None if the backend has no clients. Raises UsageError."""


class Scheme:
    """A kind of URL: its package, its prefix, a placeholder for what follows, and what it names.

    `is_file` says that a path follows, which completion offers. `listed` is False for a kind that help
    and completion do not mention. `has_password` says that it has a user, whose password a profile keeps.
    """

    __slots__ = ("description", "has_password", "is_file", "listed", "package", "prefix", "rest")

    def __init__(
        self,
        package: str,
        prefix: str,
        rest: str,
        description: str,
        *,
        is_file: bool = False,
        listed: bool = True,
        has_password: bool = False,
    ) -> None:
        self.package = package
        self.prefix = prefix
        self.rest = rest
        self.description = description
        self.is_file = is_file
        self.listed = listed
        self.has_password = has_password

    @property
    def form(self) -> str:
        """How such a URL is written."""
        return self.prefix + self.rest


SCHEMES: dict[str, Scheme] = {
    "sqlite": Scheme("segcli.backends.sqlite", "sqlite:", "PATH", "a local store", is_file=True),
    "postgresql": Scheme(
        "segcli.backends.postgresql",
        "postgresql:",
        "//HOST/DATABASE",
        "a shared store",
        has_password=True,
    ),
    "https": Scheme("segcli.backends.tenant", "https://", "HOST", "a tenant"),
    "http": Scheme("segcli.backends.tenant", "http://", "127.0.0.1:PORT", "a local server", listed=False),
}


def open_backend(target: BackendTarget) -> Backend:
    """The backend of `target.url`. Raises UsageError, UnauthorizedError if credentials are missing."""
    return _package(target.url).open_backend(target)


def normalize_url(url: str) -> str:
    """The URL as a profile keeps it: absolute, without parts that have no meaning. Raises UsageError."""
    return _package(url).normalize_url(url)


def normalize_auth_host(url: str) -> str:
    """The URL of an authentication host, as `normalize_url` does it. Raises UsageError."""
    return cast(Package, import_module(SCHEMES["https"].package)).normalize_url(url)


def is_url(text: str) -> bool:
    """Whether `text` is written as the URL of a backend, which may not be valid."""
    scheme = SCHEMES.get(text.partition(":")[0])
    return scheme is not None and text.startswith(scheme.prefix)


def missing_file(url: str) -> str | None:
    """The path of a backend that is a file, if that file does not exist. Raises UsageError."""
    scheme, _, path = normalize_url(url).partition(":")
    return path if SCHEMES[scheme].is_file and not os.path.exists(path) else None


def same_backend(url: str, other: str) -> bool:
    """Whether two URLs name the same backend; False if one of them is not valid."""
    if url == other:
        return True
    try:
        return normalize_url(url) == normalize_url(other)
    except UsageError:
        return False


def login_of(url: str, auth_host: str | None = None) -> Login | None:
    """How a client logs in to the backend, at `auth_host` if there is one; None for a store.

    Raises UsageError.
    """
    return _package(url).login_of(url, auth_host)


def has_password(url: str) -> bool:
    """Whether the backend has a user who may need a password."""
    scheme = SCHEMES.get(url.partition(":")[0])
    return scheme is not None and scheme.has_password


def take_password(url: str) -> tuple[str, str | None]:
    """The URL without its password, and the password."""
    if not has_password(url):
        return url, None
    from segcli.backends.postgresql.urls import take_password

    return take_password(url)


def shown_url(url: str) -> str:
    """The URL as messages show it: without a password."""
    from segcli.backends.postgresql.urls import masked

    return masked(url)


def url_of_host(host: str) -> str:
    """The URL of a tenant's host, which the vendor's variables name with or without a scheme."""
    return host if "://" in host else f"{SCHEMES['https'].prefix}{host}"


def default_url() -> str:
    """The backend that is used if none is named: a local store in the user's data folder."""
    return f"sqlite:{os.path.join(user_folder('data'), 'segments.db')}"


def _package(url: str) -> Package:
    scheme, colon, rest = url.partition(":")
    if scheme not in SCHEMES or (SCHEMES[scheme].rest and not rest):
        forms = " or ".join(f"{each.form} ({each.description})" for each in SCHEMES.values() if each.listed)
        hint = f"use {forms}"
        if not colon and (os.sep in url or url.endswith(".db")):
            hint = f"did you mean {quoted(f'sqlite:{url}')}?"
        raise UsageError(f"'{shown_url(url)}' is not a backend URL", hint=hint)
    return cast(Package, import_module(SCHEMES[scheme].package))
