"""The order in which a plan is carried out, and how many requests that takes on a tenant.

Additions come before removals, so that no account is missing from a segment in between.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from segcli.bulk.options import DEFAULT_CHUNK_SIZE, DEFAULT_CONCURRENCY
from segcli.errors import UsageError
from segcli.manifest.plan import Change, Plan
from segcli.query.tree import MAX_PAGE_SIZE

Kind = Literal["add", "fields", "join", "leave", "delete"]


class Step(NamedTuple):
    """One part of a change."""

    kind: Kind
    change: Change


def steps(changes: Sequence[Change]) -> list[Step]:
    """Every step, in order: segments are added, fields updated, accounts added and removed, segments deleted.

    Renames are in an order in which a code is free when a segment gets it; a new segment whose code another
    one gives up is added after that rename.
    """
    given_up = {change.renamed_from for change in changes if change.renamed_from}
    added = [change for change in changes if change.action == "add"]
    updated = [change for change in changes if change.action == "update"]
    fields = [change for change in updated if change.fields and not change.renamed_from]
    return [
        *(Step("add", each) for each in added if each.code not in given_up),
        *(Step("fields", each) for each in fields),
        *(Step("fields", each) for each in _renamed(updated)),
        *(Step("add", each) for each in added if each.code in given_up),
        *(Step("join", each) for each in changes if each.joined and each.action != "delete"),
        *(Step("leave", each) for each in changes if each.left and each.action != "delete"),
        *(Step("delete", each) for each in changes if each.action == "delete"),
    ]


def _renamed(updated: Sequence[Change]) -> Iterator[Change]:
    """The renames; the code of each is free when all before it are done.

    Raises UsageError for a cycle, which only an edited plan can contain.
    """
    holders = {change.renamed_from: change for change in updated if change.renamed_from}
    done: set[str | None] = set()
    for start in holders.values():
        chain: dict[str | None, Change] = {}
        change: Change | None = start
        while change is not None and change.renamed_from not in done:
            if change.renamed_from in chain:
                raise UsageError(f"renames cannot form a cycle: {change.renamed_from} is part of one")
            chain[change.renamed_from] = change
            change = holders.get(change.code)
        done |= chain.keys()
        yield from reversed(chain.values())


class Forecast(NamedTuple):
    """How many requests a plan takes on a tenant: those that compare bases, one after the other, and writes.

    `parallel` are those of the writes that are sent several at a time.
    """

    compared: int
    written: int
    parallel: int

    @property
    def requests(self) -> int:
        return self.compared + self.written

    def seconds(self, latency: float, rps: float | None) -> float:
        """About how long it takes, if a request takes `latency` seconds."""
        serial = self.requests - self.parallel
        needed = latency * (serial + self.parallel / DEFAULT_CONCURRENCY)
        return max(needed, self.requests / rps if rps else 0.0)


def forecast(plan: Plan) -> Forecast:
    """The requests of a plan on a tenant without faults that applies filters."""
    compared = written = parallel = 0
    for change in plan.effective:
        base = change.base
        if base is not None:
            compared += 1
            if base.accounts is not None:
                pages = max(1, -(-base.accounts // MAX_PAGE_SIZE))
                compared += pages
                parallel += pages - 1  # the pages after the first are requested in advance
        if change.action in ("add", "delete") or change.fields:
            written += 1
        if change.action != "delete":
            sent = -(-len(change.joined or ()) // DEFAULT_CHUNK_SIZE) + len(change.left or ())
            written += sent
            parallel += sent
    return Forecast(compared, written, parallel)


def duration(seconds: float) -> str:
    """About that many seconds, for people."""
    if seconds < 1:
        return "less than a second"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"about {hours} h {minutes} min"
    return f"about {minutes} min {rest} s" if minutes else f"about {rest} s"
