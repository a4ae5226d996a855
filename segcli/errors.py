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
    """

    code: ClassVar[str] = "UNEXPECTED_ERROR"
    exit_code: ClassVar[int] = 1
    status: ClassVar[int | None] = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        detail: tuple[str, ...] = (),
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail
        self.correlation_id = correlation_id

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
    status = 400


class NotFoundError(SegcliError):
    """No segment has that id or code."""

    code = "ITEM_NOT_FOUND"
    exit_code = 3
    status = 404


class ConflictError(SegcliError):
    """A segment without a code, or an account that is no member."""

    code = "VALIDATION_CONFLICT"
    exit_code = 4
    status = 409


class AlreadyExistsError(ConflictError):
    """Another segment has that code."""

    code = "ITEM_ALREADY_EXISTS"


class DeclinedError(SegcliError):
    """The question before a destroying act was answered with no."""

    code = "DECLINED"
    status = None


class OutputError(SegcliError):
    """The result could not be written to stdout."""

    code = "OUTPUT_FAILED"
    status = None


class UserInterruptError(SegcliError):
    """Ctrl-C, or SIGINT from elsewhere."""

    code = "INTERRUPTED"
    exit_code = 130
    status = None


class StoreError(SegcliError):
    """The local store cannot be read or written."""

    code = "STORE_FAILED"
    exit_code = 7
    status = None


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
