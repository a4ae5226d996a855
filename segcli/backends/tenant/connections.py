"""HTTP connections on which one time limit covers all of a request.

urllib3 and http.client apply a timeout to each read and write of a socket, so a server that sends a byte now
and then, or endless `100 Continue`, could hold a request forever. These classes make the timeout a limit for
sending all of the request, and for all of the response.
"""

import io
import socket
import time
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_CONNECT_TIMEOUT = 10.0  # seconds; a first packet that got lost is better sent again
_LEAST = 0.001  # seconds; a socket takes 0 for "do not wait"
_WITHOUT_LIMIT = 86_400.0  # seconds; segcli always sets a limit, but the classes here do not depend on it


class LimitedAdapter(HTTPAdapter):
    """The `requests` adapter on such connections, directly and through a proxy."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _limit(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        _limit(manager)
        return manager


def _limit(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Reader(io.RawIOBase):
    """The bytes of a response; reading raises TimeoutError once the socket's timeout has passed in total."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._end = _end(connected.gettimeout())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Source:
    """What http.client takes for a socket: it only calls `makefile`."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket))


class _Response(HTTPResponse):
    def __init__(self, connected: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(_Source(connected), *arguments, **options)  # type: ignore[arg-type] # see _Source

    def _read_status(self) -> tuple[str, int, str]:
        # http.client skips 100 only; it would take 103 for the response, and the response for the next one.
        version, status, reason = super()._read_status()  # type: ignore[misc] # not in typeshed
        return version, HTTPStatus.CONTINUE if status < HTTPStatus.OK else status, reason


class _Limited(HTTPConnection):
    response_class = _Response
    _sent_by: float | None = None

    def _new_conn(self) -> socket.socket:
        whole = self.timeout
        self.timeout = min(whole or _CONNECT_TIMEOUT, _CONNECT_TIMEOUT)
        try:
            return super()._new_conn()
        finally:
            self.timeout = whole

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        self._sent_by = _end(self.timeout)
        super().putrequest(*arguments, **options)

    def send(self, data: Any) -> None:
        # Without a socket, `send` connects first; the head of a request never waits.
        if self.sock is not None and self._sent_by is not None:
            self.sock.settimeout(max(self._sent_by - time.monotonic(), _LEAST))
        super().send(data)


class _LimitedTls(_Limited, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Limited


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _LimitedTls


def _end(timeout: float | None) -> float:
    return time.monotonic() + (_WITHOUT_LIMIT if timeout is None else timeout)
