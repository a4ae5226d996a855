"""What a SOURCE asks for: segments by code, each with its fields and, if it is managed, its membership."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from segcli.account_set import AccountSet

if TYPE_CHECKING:
    from segcli.expressions.assertions import Assertion


Accounts = TypeVar("Accounts")


class Wanted(Generic[Accounts]):
    """One segment as it should be. `accounts` is None if the membership is not managed.

    `was` is the code that it may have had until now. One that is `absent` should not exist. `keeps_others`:
    members that are not among `accounts` stay.
    """

    __slots__ = ("absent", "accounts", "code", "description", "keeps_others", "name", "was")

    def __init__(
        self,
        code: str,
        name: str | None = None,
        description: str | None = None,
        *,
        was: str | None = None,
        absent: bool = False,
        accounts: Accounts | None = None,
        keeps_others: bool = False,
    ) -> None:
        self.code: Final = code
        self.name: Final = name
        self.description: Final = description
        self.was: Final = was
        self.absent: Final = absent
        self.accounts: Final = accounts
        self.keeps_others: Final = keeps_others


class DesiredSegment(Wanted[AccountSet]):
    """A segment whose accounts are known."""

    __slots__ = ()


class Desired:
    """Every segment of a SOURCE, in its order, and the assertions that must hold for the result."""

    __slots__ = ("checks", "segments", "warnings")

    def __init__(
        self,
        segments: Sequence[DesiredSegment],
        checks: "Sequence[Assertion]" = (),
        warnings: Sequence[str] = (),
    ) -> None:
        self.segments: Final = segments
        self.checks: Final = checks
        self.warnings: Final = warnings
