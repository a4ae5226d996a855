"""What a write brings to the history: who made it and why, and the accounts that it changed."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from segcli.account_set import AccountSet


class Origin:
    """Who writes, how and why, as the history records it.

    `by` is the operating system's user if it is None. `undoes` is the change that the writes revert.
    """

    __slots__ = ("by", "command", "reason", "undoes")

    def __init__(
        self,
        by: str | None = None,
        command: str | None = None,
        reason: str | None = None,
        undoes: int | None = None,
    ) -> None:
        self.by = by
        self.command = command
        self.reason = reason
        self.undoes = undoes


class ChangedAccounts(NamedTuple):
    """The accounts that joined and left in a change."""

    joined: "AccountSet"
    left: "AccountSet"
