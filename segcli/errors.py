"""Every failure a user can be told about, each with its errorCode, HTTP status and exit code.

Nothing below `segcli.cli` knows an exit code by number: a failure is raised as one of these classes
and translated in one place. The errorCodes and statuses are the contract's (section "Statuses").
"""

from typing import ClassVar

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "some of it failed (the report says which), or a fault in segcli",
    2: "usage: options, a filter, an input file",
    3: "not found",
    4: "conflict: the code exists, not a member, changed meanwhile",
    5: "authentication or permission",
    6: "unavailable: network, timeout, 5xx, rate limit outlasted",
    7: "the store: locked, corrupt, full, or written by a newer segcli",
    130: "interrupted: what was done stays whole",
}


class SegcliError(Exception):
    """A failure with a message for people and a code for programs.

    `message` is one sentence naming what went wrong with what; `hint` says what to do next;
    `detail` holds lines to show between the two, such as a filter with its fault marked.
    `code` and `status` are the class's, unless a server has answered with its own.
    """

    code: str = "UNEXPECTED_ERROR"
    exit_code: ClassVar[int] = 1
    status: int | None = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        detail: tuple[str, ...] = (),
        code: str | None = None,
        status: int | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail
        self.correlation_id = correlation_id
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status

    def to_json(self) -> dict[str, object]:
        """The members of the `error` object that `-o json` prints on stderr."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "status": self.status,
            "correlationId": self.correlation_id,
        }


class UsageError(SegcliError):
    """An argument, an option, a filter or an input that cannot be taken as it is."""

    code = "MISSING_OR_INVALID_PARAMETER"
    exit_code = 2
    status: int | None = 400


class NotFoundError(SegcliError):
    """No segment has that id or code."""

    code = "ITEM_NOT_FOUND"
    exit_code = 3
    status: int | None = 404


class ConflictError(SegcliError):
    """A segment without a code, or an account that is no member."""

    code = "VALIDATION_CONFLICT"
    exit_code = 4
    status: int | None = 409


class AlreadyExistsError(ConflictError):
    """Another segment has that code."""

    code = "ITEM_ALREADY_EXISTS"


class UnauthorizedError(SegcliError):
    """No credentials, or refused ones."""

    code = "UNAUTHORIZED"
    exit_code = 5
    status: int | None = 401


class ForbiddenError(UnauthorizedError):
    """Good credentials for something else."""

    code = "FORBIDDEN"
    status: int | None = 403


class UnavailableError(SegcliError):
    """The other side could not be reached, did not answer in time, or answered what cannot be used."""

    code = "UNAVAILABLE"
    exit_code = 6
    status: int | None = None


class RateLimitedError(UnavailableError):
    """The other side refuses requests for longer than we may wait."""

    code = "TOO_MANY_REQUESTS"
    status: int | None = 429


class ConfigError(UsageError):
    """The configuration cannot be read as it is, or lacks what is needed."""

    code = "INVALID_CONFIGURATION"
    status: int | None = None


class DeclinedError(SegcliError):
    """The question before a destroying act was answered with no."""

    code = "DECLINED"
    status: int | None = None


class OutputError(SegcliError):
    """The result could not be written to stdout."""

    code = "OUTPUT_FAILED"
    status: int | None = None


class UserInterruptError(SegcliError):
    """Ctrl-C, or SIGINT from elsewhere."""

    code = "INTERRUPTED"
    exit_code = 130
    status: int | None = None


class StoreError(SegcliError):
    """The local store cannot be read or written."""

    code = "STORE_FAILED"
    exit_code = 7
    status: int | None = None


class StoreLockedError(StoreError):
    """Another process held the store for longer than the timeout."""

    code = "STORE_LOCKED"


class StoreFullError(StoreError):
    """The disk that holds the store has no room."""

    code = "STORE_FULL"


class StoreCorruptError(StoreError):
    """The file is no store of ours, or is damaged."""

    code = "STORE_CORRUPT"


class StoreNewerError(StoreError):
    """The store was written by a newer segcli."""

    code = "STORE_NEWER"
