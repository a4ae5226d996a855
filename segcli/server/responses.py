"""Answers: JSON bodies, and the error body with all the members that SDKs lean on."""

import json
from itertools import count
from secrets import token_hex
from typing import Any, NamedTuple

from segcli.errors import (
    ConflictError,
    NotFoundError,
    SegcliError,
    StoreLockedError,
    UnavailableError,
    UsageError,
)
from segcli.text import visible

Json = Any  # a value as json.loads gives it
APPLICATION = "segcli"
_run, _numbers = token_hex(4), count(1)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Problem(NamedTuple):
    """A row of the contract's table "Statuses", and the parameter that is to blame, if one is."""

    status: int
    code: str
    message: str
    parameter: str | None = None


class ProblemError(Exception):
    """A problem on its way to the answer."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def invalid(message: str, parameter: str | None = None, status: int = 400) -> ProblemError:
    """The error for a request that cannot be taken as it is."""
    return ProblemError(Problem(status, UsageError.code, message, parameter))


def new_correlation_id() -> str:
    """A name for the next answer, by which the log is searched."""
    return f"{_run}-{next(_numbers):06}"


def encode(document: Json) -> bytes:
    return _encode(document).encode()


def error_body(problem: Problem, correlation_id: str) -> bytes:
    """The error body, none of its members left out."""
    blamed = [] if problem.parameter is None else [{"name": "ParameterName", "value": problem.parameter}]
    return encode(
        {
            "applicationName": APPLICATION,
            "errorCode": problem.code,
            "message": visible(problem.message),
            "correlationId": correlation_id,
            "items": [],
            "additionalErrorData": blamed,
            "exceptionDetail": None,
        }
    )


def problem_of(error: SegcliError) -> Problem:
    """What a backend's error is to a client; of what is not the client's business it tells nothing."""
    if isinstance(error, UsageError) and error.status is not None:
        return Problem(400, error.code, error.message)
    if isinstance(error, NotFoundError):
        return Problem(404, error.code, error.message)
    if isinstance(error, ConflictError):
        taken = error.code == "ITEM_ALREADY_EXISTS"
        return Problem(409, error.code, error.message, "code" if taken else None)
    if isinstance(error, (StoreLockedError, UnavailableError)):
        return Problem(503, "SYSTEM_MAINTENANCE", "the backend cannot be used now; the server's log says why")
    return UNEXPECTED


UNEXPECTED = Problem(500, "UNEXPECTED_ERROR", "something went wrong; the server's log says what")
