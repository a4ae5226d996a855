"""Response bodies: JSON, dates, and the error body with every member that SDKs read."""

import json
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex
from typing import NamedTuple

from segcli.errors import (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    SegcliError,
    StoreError,
    UnavailableError,
    UsageError,
)
from segcli.result import Json
from segcli.text import visible

APPLICATION = "segcli"  # the applicationName of an error body
_process_id, _numbers = token_hex(4), count(1)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Problem(NamedTuple):
    """An error response (contract, section "Statuses"): HTTP status, error code, message.

    `parameter` names the parameter or member that is invalid.
    """

    status: int
    code: str
    message: str
    parameter: str | None = None


class ProblemError(Exception):
    """Makes the application send `problem` as the response.

    Its cause, if there is one, is for the log only.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


UNEXPECTED = Problem(500, "UNEXPECTED_ERROR", "unexpected error; see the server's log")
_UNAVAILABLE = Problem(503, "SYSTEM_MAINTENANCE", "the backend is unavailable; see the server's log")


def invalid(message: str, parameter: str | None = None, status: int = 400) -> ProblemError:
    """The error for an invalid request."""
    return ProblemError(Problem(status, UsageError.code, message, parameter))


def new_correlation_id() -> str:
    """An id for the next response that no other response has; the log contains it."""
    return f"{_process_id}-{next(_numbers):06}"


def timestamp(seconds: float) -> str:
    """Seconds since 1970 as a date of the contract: RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(document: Json) -> bytes:
    """A JSON value as a response body: compact, UTF-8."""
    return _encode(document).encode()


def error_body(problem: Problem, correlation_id: str) -> bytes:
    """The body of an error response, always with all its members."""
    parameter = problem.parameter
    return encode(
        {
            "applicationName": APPLICATION,
            "errorCode": problem.code,
            "message": visible(problem.message),
            "correlationId": correlation_id,
            "items": [],
            "additionalErrorData": (
                [] if parameter is None else [{"name": "ParameterName", "value": parameter}]
            ),
            "exceptionDetail": None,
        }
    )


def problem_of(error: SegcliError) -> Problem:
    """The response for an error of a backend. Errors of the server's own setup are logged, not sent."""
    match error:
        case UsageError():
            return Problem(400, error.code, error.message)
        case NotFoundError():
            return Problem(404, error.code, error.message)
        case AlreadyExistsError():
            return Problem(409, error.code, error.message, "code")
        case ConflictError():
            return Problem(409, error.code, error.message)
        case StoreError() | UnavailableError():
            return _UNAVAILABLE
        case _:
            return UNEXPECTED
