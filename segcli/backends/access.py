"""What it takes to reach a backend, put together before one is opened."""

from collections.abc import Callable
from typing import NamedTuple


class Credentials(NamedTuple):
    """Who calls a tenant. `secret` is asked for only when a ticket has to be fetched.

    `owner` says in an error whose they are, such as `profile sandbox`.
    """

    client_id: str
    secret: Callable[[], str]
    owner: str


class Access(NamedTuple):
    """A backend's URL, and what only a tenant needs.

    `timeout` is in seconds: how long one operation may take, waiting and trying again included.
    `rps` caps requests per second. `trace` is told of every statement or request, `waiting` of
    every second spent waiting; None means the wait is over.
    """

    url: str
    timeout: float
    trace: Callable[[str], None] | None = None
    waiting: Callable[[str | None], None] = lambda _: None
    credentials: Credentials | None = None
    auth_host: str | None = None
    tenant: str | None = None
    site: str | None = None
    ca_bundle: str | None = None
    rps: float | None = None
