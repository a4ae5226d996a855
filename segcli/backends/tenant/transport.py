"""Sends one HTTP request: rate limit, retries with backoff, and errors mapped to SegcliErrors."""

import random
import ssl
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from segcli import __version__
from segcli.backends.target import BackendTarget
from segcli.backends.tenant.proxies import displayed, proxy_of
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of
from segcli.errors import ConfigError, RateLimitedError, SegcliError, UnavailableError

TRIES = 10  # attempts per request; those that the rate limit rejects do not count
CONNECT_TRIES = 5  # attempts without a connection: such a fault is rarely temporary
_BACKOFF = 0.25  # seconds, doubled with each retry; the wait is a random 50 to 100 % of it
_MAX_BACKOFF = 4.0
_CONNECT_TIMEOUT = 10.0
_CONNECTIONS = 32
_RETRIED = (502, 503, 504)


class AmbiguousError(UnavailableError):
    """The request was sent but got no response, so it may or may not have been executed."""


class _NeverSentError(UnavailableError):
    """There was no connection, so the request was certainly not executed."""


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
        self._session.mount("http://", HTTPAdapter(pool_maxsize=_CONNECTIONS))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=_CONNECTIONS))

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        params: dict[str, str] | None = None,
        body: Any = None,
        repeatable: bool = True,
    ) -> Response:
        """The response, whatever its status; after 429, 502, 503 and 504 the request is sent again.

        A request that is not `repeatable` is not sent again if it may have been executed: that raises
        AmbiguousError. Raises UnavailableError, or RateLimitedError if the limit outlasts the timeout.
        """
        deadline = time.monotonic() + self._target.timeout
        repeated = False
        failures = connect_failures = 0
        while True:
            if not self._limiter.acquire(deadline):
                raise self._rate_limited(method, path)
            try:
                response, retry_after = self._try(method, path, headers, params, body, deadline, failures)
            except _NeverSentError as error:
                failure: SegcliError = error
                connect_failures += 1
            except AmbiguousError as error:
                failure, repeated = error, True
            else:
                if response.status == 429:
                    self._limiter.block_for(_backoff(failures) if retry_after is None else retry_after)
                    failures += retry_after is None
                    self._count_retry()
                    continue
                if response.status not in _RETRIED:
                    return response._replace(repeated=repeated)
                failure, repeated = error_of(response), True
                if retry_after is not None:
                    self._limiter.block_for(retry_after)
            failures += 1
            if repeated and not repeatable:
                raise AmbiguousError(failure.message, hint=failure.hint) from failure
            pause = _backoff(failures - 1)
            if failures == TRIES or connect_failures == CONNECT_TRIES or time.monotonic() + pause >= deadline:
                raise failure
            self._count_retry()
            self._limiter.pause(pause, deadline)

    def close(self) -> None:
        self._session.close()

    def _count_retry(self) -> None:
        with self._count_lock:
            self.retries += 1

    def _try(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        params: dict[str, str] | None,
        body: Any,
        deadline: float,
        failures: int,
    ) -> tuple[Response, float | None]:
        """One attempt: the response, and the seconds of its Retry-After header."""
        left = max(deadline - time.monotonic(), 0.01)
        started = time.monotonic()
        name = f"{method} {self.origin}{path}"
        try:
            with self._session.request(
                method,
                self.origin + path,
                params=params,
                json=body,
                headers=headers,
                auth=_leave_headers,
                proxies=dict.fromkeys(("http", "https"), self._proxy or ""),  # "" overrides the environment
                timeout=(min(left, _CONNECT_TIMEOUT), left),
                verify=self._target.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            ) as reply:
                content = _read(reply, deadline)
        except (requests.RequestException, HTTPError) as error:
            self._trace(f"{name} failed: {_reason(error)}", started, failures)
            raise self._failure(error, name) from error
        except OSError as error:  # requests raises it for a bundle that it cannot read
            raise ConfigError(
                str(error), hint="--ca-bundle and REQUESTS_CA_BUNDLE must name a file of certificates"
            ) from error
        except _TooSlowError:
            self._trace(f"{name} failed: the response was incomplete at the timeout", started, failures)
            raise AmbiguousError(
                f"{name}: the response was not complete after {self._target.timeout:g} s"
            ) from None
        correlation_id = reply.headers.get("x-vol-correlation")
        self._trace(f"{method} {reply.url} {reply.status_code}", started, failures, correlation_id)
        response = Response(name, reply.status_code, content, correlation_id, reply.headers.get("Date"))
        return response, _retry_after(reply.headers)

    def _trace(self, text: str, started: float, failures: int, correlation_id: str | None = None) -> None:
        if self._target.trace:
            milliseconds = (time.monotonic() - started) * 1000
            suffix = f" {correlation_id}" if correlation_id else ""
            self._target.trace(f"{text} {milliseconds:.0f} ms try {failures + 1}{suffix}")

    def _failure(self, error: Exception, name: str) -> UnavailableError:
        reason = _reason(error)
        cause = _innermost(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnavailableError(
                f"the certificate of {self.origin} is not trusted: {cause.verify_message}",
                hint="if a private authority issued it, pass its certificate with --ca-bundle FILE",
            )
        if isinstance(error, requests.exceptions.ProxyError) and self._proxy:
            proxy = displayed(self._proxy)
            return _NeverSentError(
                f"{self.origin} cannot be reached through the proxy {proxy}: {reason}",
                hint="check the variables https_proxy and all_proxy; hosts in no_proxy are reached directly",
            )
        if _was_never_sent(error):
            return _NeverSentError(
                f"{self.origin} cannot be reached: {reason}",
                hint="check the host name and the network, or run segments doctor",
            )
        return AmbiguousError(f"{name}: no response: {reason}")

    def _rate_limited(self, method: str, path: str) -> RateLimitedError:
        return RateLimitedError(
            f"{method} {self.origin}{path}: the rate limit lasts longer than {self._target.timeout:g} s",
            hint="wait longer with --timeout SECONDS, or send fewer requests per second with --rps N",
        )


class _TooSlowError(Exception):
    """The body was not complete at the deadline."""


def _read(response: requests.Response, deadline: float) -> bytes:
    # read1 returns what has arrived; iter_content would wait for a full chunk of a slow response.
    parts = []
    while part := response.raw.read1(65_536, decode_content=True):
        parts.append(part)
        if time.monotonic() > deadline:
            raise _TooSlowError
    return b"".join(parts)


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


def _reason(error: Exception) -> str:
    """The message of the innermost cause, the only informative part of such a chain."""
    cause = _innermost(error)
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _innermost(error: Exception) -> BaseException:
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or cause.__cause__ or cause.__context__
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in cause.args if isinstance(arg, BaseException)), None)
        if inner is None:
            break
        cause = inner
    return cause


def _backoff(failures: int) -> float:
    longest: float = min(_BACKOFF * 2**failures, _MAX_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def _retry_after(headers: Any) -> float | None:
    """The seconds of the Retry-After header, a number or a date; None if it is neither."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, moment.timestamp() - time.time())
