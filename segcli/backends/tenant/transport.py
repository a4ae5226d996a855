"""One request and what becomes of it: the gate, the ticket, the tries, and what each is told as."""

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
from segcli.backends.tenant.rate_limit import RateLimiter
from segcli.backends.tenant.responses import Response, error_of
from segcli.errors import ConfigError, RateLimitedError, SegcliError, UnavailableError

TRIES = 10  # of one request that fails for other reasons than the rate limit
CONNECT_TRIES = 5  # where not even a connection comes about: that is seldom a passing fault
_BACKOFF = 0.25  # seconds, doubled with each try; what is waited is drawn from 0.5 to 1 of it
_LONGEST_BACKOFF = 4.0
_CONNECT_TIMEOUT = 10.0
_CONNECTIONS = 32
_AGAIN = (502, 503, 504)


class AmbiguousError(UnavailableError):
    """The request was sent and not answered: whether it was carried out nobody can say."""


class _NeverSentError(UnavailableError):
    """No connection came about, so the request was certainly not carried out."""


class Transport:
    """Sends requests to one host and follows the contract's statuses. Safe to share by threads."""

    def __init__(self, origin: str, target: BackendTarget, gate: RateLimiter) -> None:
        self.origin = origin
        self._target = target
        self.retries = 0  # requests sent again
        self._counting = threading.Lock()
        self._limiter = gate
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
        """The answer, whatever its status but 429, 502, 503 and 504: those are tried again.

        Where the request is not `repeatable`, one that may have been carried out is not sent again:
        AmbiguousError says so. Raises UnavailableError, RateLimitedError when patience is at its end.
        """
        deadline = time.monotonic() + self._target.timeout
        repeated = False
        failures = unreached = 0
        while True:
            if not self._limiter.acquire(deadline):
                raise self._outlasted(method, path)
            try:
                answer, retry_after = self._try(method, path, headers, params, body, deadline, failures)
            except _NeverSentError as error:
                failure: SegcliError = error
                unreached += 1
            except AmbiguousError as error:
                failure, repeated = error, True
            else:
                if answer.status == 429:
                    self._limiter.block_for(_backoff(failures) if retry_after is None else retry_after)
                    failures += retry_after is None
                    self._count_retry()
                    continue
                if answer.status not in _AGAIN:
                    return answer._replace(repeated=repeated)
                failure, repeated = error_of(answer), True
                if retry_after is not None:
                    self._limiter.block_for(retry_after)
            failures += 1
            if repeated and not repeatable:
                raise AmbiguousError(failure.message, hint=failure.hint) from failure
            pause = _backoff(failures - 1)
            if failures == TRIES or unreached == CONNECT_TRIES or time.monotonic() + pause >= deadline:
                raise failure
            self._count_retry()
            self._limiter.pause(pause, deadline)

    def close(self) -> None:
        self._session.close()

    def _count_retry(self) -> None:
        with self._counting:
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
        """One try: the answer, and the seconds of its Retry-After."""
        left = max(deadline - time.monotonic(), 0.01)
        begun = time.monotonic()
        name = f"{method} {self.origin}{path}"
        try:
            with self._session.request(
                method,
                self.origin + path,
                params=params,
                json=body,
                headers=headers,
                auth=_leave_headers,
                timeout=(min(left, _CONNECT_TIMEOUT), left),
                verify=self._target.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            ) as response:
                content = _read(response, deadline)
        except (requests.RequestException, HTTPError) as error:
            self._trace(f"{name} failed: {_reason(error)}", begun, failures)
            raise self._failure(error, name) from error
        except OSError as error:  # what requests says of a bundle that it cannot read
            raise ConfigError(
                str(error), hint="--ca-bundle and REQUESTS_CA_BUNDLE name a file of certificates"
            ) from error
        except _TooSlowError:
            self._trace(f"{name} failed: the answer was still coming", begun, failures)
            raise AmbiguousError(f"{name} was not answered whole in {self._target.timeout:g} s") from None
        correlation_id = response.headers.get("x-vol-correlation")
        self._trace(f"{method} {response.url} {response.status_code}", begun, failures, correlation_id)
        answer = Response(name, response.status_code, content, correlation_id, response.headers.get("Date"))
        return answer, _retry_after(response.headers)

    def _trace(self, text: str, begun: float, failures: int, correlation_id: str | None = None) -> None:
        if self._target.trace:
            milliseconds = (time.monotonic() - begun) * 1000
            named = f" {correlation_id}" if correlation_id else ""
            self._target.trace(f"{text} {milliseconds:.0f} ms try {failures + 1}{named}")

    def _failure(self, error: Exception, name: str) -> UnavailableError:
        reason = _reason(error)
        if isinstance(_innermost(error), ssl.SSLCertVerificationError):
            return UnavailableError(
                f"{self.origin} could not prove who it is: {reason}",
                hint="a private authority's certificate is named with --ca-bundle FILE",
            )
        if _was_never_sent(error):
            return _NeverSentError(
                f"{self.origin} cannot be reached: {reason}",
                hint="check the host's name and the network; see segments doctor",
            )
        return AmbiguousError(f"{name} was not answered: {reason}")

    def _outlasted(self, method: str, path: str) -> RateLimitedError:
        return RateLimitedError(
            f"{method} {self.origin}{path}: the rate limit lasts longer than {self._target.timeout:g} s",
            hint="wait longer with --timeout SECONDS, or ask for less with --rps N",
        )


class _TooSlowError(Exception):
    """The body was still dripping in when the time was up."""


def _read(response: requests.Response, deadline: float) -> bytes:
    # read1 answers with what has come; iter_content would wait for a whole chunk of a slow drip.
    parts = []
    while part := response.raw.read1(65_536, decode_content=True):
        parts.append(part)
        if time.monotonic() > deadline:
            raise _TooSlowError
    return b"".join(parts)


def _leave_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """As `auth`: keeps requests from taking a password of a .netrc for the ticket's place."""
    return request


def _was_never_sent(error: Exception) -> bool:
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, (NewConnectionError, ConnectTimeoutError)
    )


def _reason(error: Exception) -> str:
    """The innermost cause in words, which is the only part of such a chain that says something."""
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
    longest: float = min(_BACKOFF * 2**failures, _LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret


def _retry_after(headers: Any) -> float | None:
    """Seconds to wait as the header says, a number or a date; None where it says neither."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, moment.timestamp() - time.time())
