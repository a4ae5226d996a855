"""Finding and reaching the server: one of several hosts, within the timeout."""

import time
from collections.abc import Callable

import psycopg2

from segcli.backends.postgresql.errors import connect_error, is_definite
from segcli.backends.postgresql.urls import hosts_of, masked, settings_of, take_schema
from segcli.backends.postgresql.wire import Wire, connect
from segcli.backends.target import BackendTarget
from segcli.errors import SegcliError, UnavailableError

_SHARE = 5.0  # seconds that one of several hosts may take at most, before the next one is tried
_PAUSE = 0.1  # seconds between two rounds over the hosts
_STARTING = ("starting up", "shutting down", "recovery mode", "not yet accepting connections")


class Server:
    """A database as its URL names it. Nothing is read or sent before the first `connect`."""

    def __init__(self, target: BackendTarget) -> None:
        settings = settings_of(target.url)
        self.place = masked(target.url)
        self.schema = take_schema(settings)
        self.timeout = target.timeout
        self.on_note = target.on_note
        self._on_wait = target.on_wait
        self._trace = target.trace
        self._password = target.password if "password" not in settings else None
        self._limit = float(settings.pop("connect_timeout", 0) or 0)
        settings.setdefault("application_name", "segcli")
        settings.setdefault("client_encoding", "UTF8")
        # A server that is gone without a word is noticed within half a minute.
        for name, value in (
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
        ):
            settings.setdefault(name, value)
        self._settings = settings
        self.role = settings.get("user", "")  # until the first connection, that of the URL

    def connect(self) -> Wire:
        """A connection. Several hosts are tried until one accepts, or the timeout is over.

        A single host that refuses is not tried again, unless the server is only starting. Raises
        UnavailableError, UnauthorizedError, UsageError.
        """
        if self._password is not None:
            self._settings["password"] = self._password()
            self._password = None
        deadline = time.monotonic() + self.timeout
        hosts = hosts_of(self._settings)
        while True:
            error: SegcliError | None = None
            for settings in self._round(hosts):
                found = self._try(settings, deadline, len(hosts))
                if isinstance(found, Wire):
                    self._on_wait(None)
                    return found
                if is_definite(found):
                    raise found
                error = found
            if error is None or not self._is_worth_waiting(hosts, error):
                raise error or UnavailableError(f"the store {self.place} has no host")
            if time.monotonic() + _PAUSE >= deadline:
                raise error
            self._on_wait(f"waiting for the server of {self.place}")
            time.sleep(_PAUSE)

    def _round(self, hosts: list[dict[str, str]]) -> list[dict[str, str]]:
        """The hosts in the order in which they are tried; libpq would do it for all of them at once."""
        order = list(hosts)
        if self._settings.get("load_balance_hosts") == "random":
            import random

            random.shuffle(order)
        if self._settings.get("target_session_attrs") == "prefer-standby":
            standby = [{**each, "target_session_attrs": "standby"} for each in order]
            return [*standby, *({**each, "target_session_attrs": "any"} for each in order)]
        return order

    def _try(self, settings: dict[str, str], deadline: float, hosts: int) -> Wire | SegcliError:
        left = deadline - time.monotonic()
        if hosts > 1:
            left = min(left, _SHARE, max(left / 2, 0.1))
        if self._limit > 0:
            left = min(left, self._limit)
        started = time.monotonic()
        try:
            wire = connect(settings, started + left, self._waiting(started), self._trace)
        except psycopg2.OperationalError as error:
            return connect_error(error, self.place)
        self.role = wire.info.user
        return wire

    def _waiting(self, started: float) -> Callable[[], None]:
        def report() -> None:
            seconds = time.monotonic() - started
            self._on_wait(f"waiting {seconds:.0f} s for the server of {self.place}")

        return report

    def _is_worth_waiting(self, hosts: list[dict[str, str]], error: SegcliError) -> bool:
        return len(hosts) > 1 or any(text in error.message for text in _STARTING)
