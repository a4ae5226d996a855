"""What a run may remove: the limits that were given, and those that need to be stated without a terminal."""

from collections.abc import Sequence

from segcli.account_set import NO_ACCOUNTS
from segcli.bulk.plan import Plan as MembershipPlan
from segcli.bulk.plan import RemovalLimit
from segcli.errors import UsageError
from segcli.manifest.plan import Change, Plan

_MAX_DELETED = 10  # segments that a run without a terminal deletes without --max-delete
_UNCHANGED = "nothing was changed"


class Limits:
    """The limits of one run. `unattended` says that nobody sees the plan before it is applied."""

    def __init__(self, max_remove: str | None, max_delete: int | None, *, unattended: bool) -> None:
        """Raises UsageError if `max_remove` is neither a number nor a percentage."""
        self._max_remove = None if max_remove is None else RemovalLimit.parse(max_remove)
        self._max_delete = max_delete
        self._unattended = unattended

    def require(self, plan: Plan) -> None:
        """Raises UsageError if the plan removes more than the limits allow."""
        deleted = len(plan.having("delete"))
        if self._max_delete is not None and deleted > self._max_delete:
            raise UsageError(
                f"{deleted:,} {'segment' if deleted == 1 else 'segments'} would be deleted, more than"
                f" --max-delete allows; {_UNCHANGED}",
                hint="check the source, or raise --max-delete",
            )
        if self._unattended and self._max_delete is None and deleted > _MAX_DELETED:
            raise UsageError(
                f"{deleted:,} segments would be deleted without a confirmation on a terminal; {_UNCHANGED}",
                hint=f"if that is intended, pass --max-delete {deleted}",
            )
        for change in plan.having("update"):
            if change.left and change.base:
                self._require_removal(change, change.base.accounts or 0)

    def _require_removal(self, change: Change, members: int) -> None:
        removed = change.left or NO_ACCOUNTS
        if self._max_remove is not None:
            memberships = MembershipPlan(NO_ACCOUNTS, members - len(removed), removed)
            self._max_remove.require(memberships, change.code, "source")
        elif self._unattended and 2 * len(removed) > members:
            raise UsageError(
                f"{len(removed):,} of the {members:,} accounts of {change.code} would be removed without a"
                f" confirmation on a terminal; {_UNCHANGED}",
                hint="if that is intended, state how many with --max-remove N or P%",
            )


def named(changes: Sequence[Change], most: int) -> str:
    """The segments that are deleted, with their numbers of accounts, as prose; of many only the first."""
    texts = []
    for change in changes[:most]:
        count = change.base.accounts if change.base else None
        noun = "account" if count == 1 else "accounts"
        texts.append(change.code if count is None else f"{change.code} ({count:,} {noun})")
    more = len(changes) - most
    if more > 0:
        texts.append(f"{more:,} more")
    return ", ".join(texts[:-1]) + f" and {texts[-1]}" if len(texts) > 1 else texts[0]
