"""What must change for a segment to contain exactly the wanted accounts, and how much may be removed."""

from typing import NamedTuple

from segcli.account_set import AccountSet
from segcli.errors import UsageError

_MAX_DIGITS = 12


class Plan(NamedTuple):
    """The accounts to add, the number of members that stay, and the accounts to remove."""

    add: AccountSet
    keep: int
    remove: AccountSet

    @property
    def members(self) -> int:
        """The number of members today."""
        return self.keep + len(self.remove)


def compare(wanted: AccountSet, members: AccountSet) -> Plan:
    """The plan that turns `members` into `wanted`."""
    return Plan(wanted - members, len(wanted & members), members - wanted)


class RemovalLimit(NamedTuple):
    """How many members may be removed: a number, or a percentage of the members."""

    limit: float
    percent: bool

    @classmethod
    def parse(cls, text: str) -> "RemovalLimit":
        """`N` or `P%`. Raises UsageError."""
        digits = text.removesuffix("%")
        percent = digits != text
        whole, _, fraction = digits.partition(".")
        parts = [whole, fraction] if percent and "." in digits else [digits]
        if len(digits) > _MAX_DIGITS or not all(part.isascii() and part.isdigit() for part in parts):
            raise UsageError(f"invalid --max-remove '{text}': expected a number such as 100, or 5%")
        return cls(float(digits), percent)

    def require(self, plan: Plan, code: str, source: str) -> None:
        """Raises UsageError if the plan removes more of the segment; `source` is what to check then."""
        removed = len(plan.remove)
        if removed > (plan.members * self.limit / 100 if self.percent else self.limit):
            raise UsageError(
                f"{removed:,} of the {plan.members:,} accounts of {code} would be removed,"
                " more than --max-remove allows; nothing was changed",
                hint=f"check the {source}, or raise --max-remove",
            )
