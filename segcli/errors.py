"""Every failure that can be reported to a user, each class with its error code, HTTP status and exit code.

Code raises one of these classes; `segcli.session` turns it into a message and an exit code, and
`segcli.server.responses` into an HTTP response. Error codes and statuses are the contract's (section
"Statuses").
"""

from typing import ClassVar, Self

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "some of it failed (the report says which), or a bug in segcli",
    2: "usage: options, a filter, an input file",
    3: "not found",
    4: "conflict: the code exists, not a member, changed meanwhile",
    5: "authentication or permission",
    6: "unavailable: network, timeout, 5xx, rate limit longer than the timeout",
    7: "the store: locked, corrupt, full, or written by a newer segcli",
    10: "the answer is no: a check fails, accounts has finds a non-member, diff --exit-code a difference",
    130: "interrupted: completed work is kept",
    143: "terminated (SIGTERM): completed work is kept",
}


ANSWER_IS_NO = 10  # an exit code, but not of an error


class SegcliError(Exception):
    """A failure with a message for people and a code for programs.

    `message` is one sentence that names what failed and why; `hint` says what to do next; `detail`
    holds lines to print between the two, such as a filter with the mistake marked. `code` and `status`
    are the class's, unless a server answered with its own. An error is not modified after it was
    raised: `with_context` makes a new one.
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

    def with_context(
        self, *, before: str | None = None, after: str | None = None, hint: str | None = None
    ) -> Self:
        """The same failure as its caller reports it: `before: message; after`, and both hints."""
        message = f"{before}: {self.message}" if before else self.message
        hints = [each for each in (self.hint, hint) if each]
        return self._remade(f"{message}; {after}" if after else message, "; ".join(hints) or None)

    def with_hint(self, hint: str | None) -> Self:
        """The same failure with another hint, or none."""
        return self._remade(self.message, hint)

    def _remade(self, message: str, hint: str | None) -> Self:
        return type(self)(
            message,
            hint=hint,
            detail=self.detail,
            code=self.code,
            status=self.status,
            correlation_id=self.correlation_id,
        )

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
    """An invalid argument, option, filter or input file; over HTTP, an invalid request."""

    code = "MISSING_OR_INVALID_PARAMETER"
    exit_code = 2
    status: int | None = 400


class TooLargeError(UsageError):
    """A request body that is longer than the server accepts."""

    status: int | None = 413


class NotFoundError(SegcliError):
    """No segment has that id or code."""

    code = "ITEM_NOT_FOUND"
    exit_code = 3
    status: int | None = 404


class ConflictError(SegcliError):
    """A segment without a code, or an account that is not a member."""

    code = "VALIDATION_CONFLICT"
    exit_code = 4
    status: int | None = 409


class AlreadyExistsError(ConflictError):
    """Another segment has that code."""

    code = "ITEM_ALREADY_EXISTS"


class UnauthorizedError(SegcliError):
    """Missing or rejected credentials."""

    code = "UNAUTHORIZED"
    exit_code = 5
    status: int | None = 401


class ForbiddenError(UnauthorizedError):
    """Valid credentials for another tenant or site."""

    code = "FORBIDDEN"
    status: int | None = 403


class UnavailableError(SegcliError):
    """The server could not be reached, did not respond in time, or sent an unusable response."""

    code = "UNAVAILABLE"
    exit_code = 6
    status: int | None = None


class RateLimitedError(UnavailableError):
    """The server rejects requests for longer than the timeout."""

    code = "TOO_MANY_REQUESTS"
    status: int | None = 429


class ConfigError(SegcliError):
    """The configuration is invalid, or lacks something required."""

    code = "INVALID_CONFIGURATION"
    exit_code = 2
    status: int | None = None


class DeclinedError(SegcliError):
    """The user answered no to a confirmation."""

    code = "DECLINED"
    status: int | None = None


class UnresolvedError(SegcliError):
    """Rows of a file have no certain account."""

    code = "UNRESOLVED_ROWS"
    status: int | None = None


class OutputError(SegcliError):
    """A file or stdout could not be written."""

    code = "OUTPUT_FAILED"
    status: int | None = None


class UserInterruptError(SegcliError):
    """Ctrl-C, or SIGINT from another process."""

    code = "INTERRUPTED"
    exit_code = 130
    status: int | None = None


class TerminatedError(UserInterruptError):
    """SIGTERM, as a CI job sends it at its timeout."""

    code = "TERMINATED"
    exit_code = 143


class Termination(KeyboardInterrupt):
    """SIGTERM as an exception: what handles Ctrl-C handles it too."""


def interruption(signal: KeyboardInterrupt, *, after: str | None = None) -> UserInterruptError:
    """The error for Ctrl-C or SIGTERM; `after` says what became of the command's work."""
    if isinstance(signal, Termination):
        return TerminatedError("terminated").with_context(after=after)
    return UserInterruptError("interrupted").with_context(after=after)


class StoreError(SegcliError):
    """The local store cannot be read or written."""

    code = "STORE_FAILED"
    exit_code = 7
    status: int | None = None


class StoreLockedError(StoreError):
    """Another process held the store's lock for longer than the timeout."""

    code = "STORE_LOCKED"


class StoreFullError(StoreError):
    """The store's disk is full."""

    code = "STORE_FULL"


class StoreUncertainError(StoreError):
    """The disk failed while a change was committed: it may be saved or not."""

    code = "STORE_UNCERTAIN"


class StoreCorruptError(StoreError):
    """The file is not a store, or is damaged."""

    code = "STORE_CORRUPT"


class StoreNewerError(StoreError):
    """The store was written by a newer segcli."""

    code = "STORE_NEWER"
