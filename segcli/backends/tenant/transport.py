"""Sends one HTTP request: rate limit, retries with backoff, and errors mapped to SegcliErrors."""

import random
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
)

from segcli import __version__
from segcli.backends.target import BackendTarget
from segcli.backends.tenant.causes import certificate_hint, innermost, reason_of
from segcli.backends.tenant.connections import LimitedAdapter
from segcli.backends.tenant.hosts import is_loopback
from segcli.backends.tenant.proxies import displayed, proxy_of
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of, read_http_date
from segcli.errors import ConfigError, RateLimitedError, SegcliError, UnavailableError

TRIES = 10  # attempts per request; those that the rate limit rejects do not count
CONNECT_TRIES = 5  # attempts without a connection: such a fault is rarely temporary
MAX_RESPONSE = 32 * 1024 * 1024  # bytes, decompressed; the largest page is far below 1 MiB
_MAX_CHANGE_RESPONSE = 4 * 1024 * 1024  # bytes of the response to a change, of which several run in parallel
_BACKOFF = 0.25  # seconds, doubled with each retry; the wait is a random 50 to 100 % of it
_MAX_BACKOFF = 4.0
_CONNECTIONS = 32
_RETRIED = (502, 503, 504)
_UNUSABLE_PROXY = (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, LocationParseError)
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")


class AmbiguousError(UnavailableError):
    """The request was sent but got no usable response, so it may or may not have been executed."""


class NotSentError(UnavailableError):
    """The request was certainly not executed."""


class _NoConnectionError(NotSentError):
    """There was no connection, which may be temporary."""


class _Request(NamedTuple):
    """What each attempt sends, apart from its headers."""

    method: str
    url: str
    params: dict[str, str] | None
    body: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.url}"


class Transport:
    """Sends requests to one host and retries as the contract says ("Statuses"). Thread-safe."""

    def __init__(self, origin: str, target: BackendTarget, limiter: RateLimiter) -> None:
        self.origin = origin
        self._target = target
        self.retries = 0  # requests sent again
        self._count_lock = threading.Lock()
        self._limiter = limiter
        self._proxy = proxy_of(origin)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"segcli/{__version__}"
        self._session.mount("http://", LimitedAdapter(pool_maxsize=_CONNECTIONS))
        self._session.mount("https://", LimitedAdapter(pool_maxsize=_CONNECTIONS))

    def deadline(self) -> float:
        """When an operation that starts now must end, in seconds of the monotonic clock."""
        return time.monotonic() + self._target.timeout

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Callable[[], dict[str, str]],
        params: dict[str, str] | None = None,
        body: Any = None,
        repeatable: bool = True,
        repeated: bool = False,
        deadline: float | None = None,
    ) -> Response:
        """The response, whatever its status; after 429, 502, 503 and 504 the request is sent again.

        A request that is not `repeatable` is not sent again if it may have been executed; `repeated` says
        that it may have been executed before this call. Raises
        AmbiguousError if it may have been executed, NotSentError, UnavailableError for a response that is
        too large, or RateLimitedError if the limit outlasts the deadline, and what `headers` raises.
        `headers` is called for each attempt, so that each has the newest ticket.
        """
        deadline = self.deadline() if deadline is None else deadline
        request = _Request(method, self.origin + path, params, body)
        failures = connect_failures = 0
        while True:
            if not self._limiter.acquire(deadline):
                raise _final(self._rate_limited(request), repeated)
            try:
                current = headers()
            except UnavailableError as error:  # there is no ticket, so the request is not sent
                raise _as(AmbiguousError if repeated else NotSentError, error) from error
            try:
                response, retry_after = self._try(request, current, deadline, failures)
            except _NoConnectionError as error:
                failure: SegcliError = error
                connect_failures += 1
            except AmbiguousError as error:
                failure, repeated = error, True
            else:
                if response.status == 429:
                    self._limiter.block_for(retry_after or _backoff(failures))
                    failures += not retry_after
                    self._count_retry()
                    continue
                if response.status not in _RETRIED:
                    return response._replace(repeated=repeated)
                failure, repeated = error_of(response), True
                if retry_after is not None:
                    self._limiter.block_for(retry_after)
            failures += 1
            pause = _backoff(failures - 1)
            exhausted = failures >= TRIES or connect_failures >= CONNECT_TRIES
            if exhausted or time.monotonic() + pause >= deadline or (repeated and not repeatable):
                raise _final(failure, repeated)
            self._count_retry()
            self._limiter.pause(pause, deadline)

    def close(self) -> None:
        self._session.close()

    def _count_retry(self) -> None:
        with self._count_lock:
            self.retries += 1

    def _try(
        self, request: _Request, headers: dict[str, str], deadline: float, failures: int
    ) -> tuple[Response, float | None]:
        """One attempt: the response, and the seconds of its Retry-After header."""
        started = time.monotonic()
        # `requests` passes urllib3's Timeout on, but its type stubs do not know that.
        timeout = cast(float, Timeout(total=max(deadline - started, 0.01)))
        name = request.name
        limit = MAX_RESPONSE if request.method == "GET" else _MAX_CHANGE_RESPONSE
        try:
            with self._session.request(
                request.method,
                request.url,
                params=request.params,
                json=request.body,
                headers=headers,
                auth=_leave_headers,
                proxies=dict.fromkeys(("http", "https"), self._proxy or ""),  # "" overrides the environment
                timeout=timeout,
                verify=self._target.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            ) as reply:
                content = _read(reply, limit)
        except (requests.RequestException, HTTPError) as error:
            self._trace(f"{name} failed: {reason_of(error)}", started, failures)
            raise self._failure(error, name) from error
        except _TooLargeError:
            self._trace(f"{name} failed: the response is too large", started, failures)
            raise UnavailableError(
                f"{name}: the response is larger than {limit // 1024**2} MiB",
                hint="is this the API host of a tenant? run segments doctor",
            ) from None
        except OSError as error:  # requests raises it for a bundle that it cannot read
            raise ConfigError(
                str(error), hint="--ca-bundle and REQUESTS_CA_BUNDLE must name a file of certificates"
            ) from error
        correlation_id = reply.headers.get("x-vol-correlation")
        self._trace(f"{request.method} {reply.url} {reply.status_code}", started, failures, correlation_id)
        response = Response(name, reply.status_code, content, correlation_id, reply.headers.get("Date"))
        return response, _retry_after(reply.headers)

    def _trace(self, text: str, started: float, failures: int, correlation_id: str | None = None) -> None:
        if self._target.trace:
            milliseconds = (time.monotonic() - started) * 1000
            suffix = f" {correlation_id}" if correlation_id else ""
            self._target.trace(f"{text} {milliseconds:.0f} ms try {failures + 1}{suffix}")

    def _failure(self, error: Exception, name: str) -> UnavailableError:
        cause = innermost(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotSentError(
                f"the certificate of {self.origin} is not trusted: {cause.verify_message}",
                hint=certificate_hint(cause),
            )
        if isinstance(error, requests.exceptions.ProxyError) and self._proxy:
            proxy = displayed(self._proxy)
            return _NoConnectionError(
                f"{self.origin} cannot be reached through the proxy {proxy}: {reason_of(error)}",
                hint="check the variables https_proxy and all_proxy; hosts in no_proxy are reached directly",
            )
        if isinstance(error, _UNUSABLE_PROXY) and self._proxy:
            return NotSentError(
                f"the proxy {displayed(self._proxy)} cannot be used: {reason_of(error)}",
                hint="check the variables https_proxy and all_proxy",
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in _NOT_TLS:
            return NotSentError(f"{self.origin} does not speak TLS", hint=_plain_hint(self.origin))
        if _was_never_sent(error):
            return _NoConnectionError(
                f"{self.origin} cannot be reached: {reason_of(error)}",
                hint="check the host name and the network, or run segments doctor",
            )
        if isinstance(cause, TimeoutError):
            return AmbiguousError(f"{name}: no complete response within {self._target.timeout:g} s")
        return AmbiguousError(f"{name}: no response: {reason_of(error)}")

    def _rate_limited(self, request: _Request) -> RateLimitedError:
        return RateLimitedError(
            f"{request.name}: the rate limit lasts longer than {self._target.timeout:g} s",
            hint="wait longer with --timeout SECONDS, or send fewer requests per second with --rps N",
        )


class _TooLargeError(Exception):
    """The body is longer than its limit."""


def _read(response: requests.Response, limit: int) -> bytes:
    # read1 returns what has arrived; iter_content would wait for a full chunk of a slow response.
    parts = []
    left = limit
    while part := response.raw.read1(65_536, decode_content=True):
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise _TooLargeError
    return b"".join(parts)


def _final(failure: SegcliError, repeated: bool) -> SegcliError:
    """The error to raise: an AmbiguousError if an attempt may have been executed."""
    return _as(AmbiguousError, failure) if repeated else failure


def _as(kind: type[UnavailableError], failure: SegcliError) -> UnavailableError:
    """The same failure as another class."""
    return kind(
        failure.message,
        hint=failure.hint,
        code=failure.code,
        status=failure.status,
        correlation_id=failure.correlation_id,
    )


def _plain_hint(origin: str) -> str:
    parts = urlsplit(origin)
    if is_loopback(parts.hostname or ""):
        return f"did you mean http://{parts.netloc}?"
    return "check the host name and the port: a tenant's API is served over https://"


def _leave_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """For `auth`: keeps requests from replacing the ticket by a password from .netrc."""
    return request


def _was_never_sent(error: Exception) -> bool:
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, (NewConnectionError, ConnectTimeoutError)
    )


def _backoff(failures: int) -> float:
    longest: float = min(_BACKOFF * 2 ** min(failures, TRIES), _MAX_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def _retry_after(headers: Any) -> float | None:
    """The seconds of the Retry-After header, a number or a date; None if it is neither."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    moment = read_http_date(value)
    return None if moment is None else max(0.0, moment - time.time())
