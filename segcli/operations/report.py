"""What a change of memberships tells at its end, the same fields whatever the backend."""

import time
from collections.abc import Sequence
from typing import Any

from segcli.bulk.outcome import NAMED, Failure, Outcome
from segcli.errors import SegcliError
from segcli.model import Segment
from segcli.operations.source import Given
from segcli.result import Column, Result

_AGAIN = "the same command again does what is left"
_RESUME = "the same command with --resume sends the rest"


class Report:
    """The report of one change to one segment; its clock runs from when it is made."""

    def __init__(self, segment: Segment, given: Given) -> None:
        self._segment = segment
        self._given = given
        self._begun = time.monotonic()

    def planned(self, **counts: int | None) -> Result:
        """Of a dry run: what would be counted."""
        item = {"id": self._segment.id, "code": self._segment.code, "dryRun": True, **self._counts(counts)}
        return _result(item)._replace(note="this was a dry run: nothing was changed")

    def done(self, outcome: Outcome, retries: int, **counts: int | None) -> Result:
        """Of a run: what was done, how fast, and each account that was refused.

        Raises what has stopped the run where nothing had been done before.
        """
        through = outcome.through
        if outcome.stopped_by is not None and not (through or outcome.resumed or outcome.failures):
            raise outcome.stopped_by
        seconds = time.monotonic() - self._begun
        item: dict[str, Any] = {
            "id": self._segment.id,
            "code": self._segment.code,
            **self._counts(counts),
            "failed": len(outcome.failures),
            "resumed": outcome.resumed,
            "chunks": outcome.chunks,
            "retries": retries,
            "seconds": round(seconds, 3),
            "accountsPerSecond": round(through / seconds),
        }
        result = _result(item)
        if outcome.failures:
            item["failures"] = [
                {"accountId": failure.account_id, "reason": failure.error.message}
                for failure in outcome.failures
            ]
        failures = _told(outcome.failures)
        if outcome.stopped_by is not None:
            stopped = _stopped(outcome, outcome.stopped_by)
            return result._replace(failures=[stopped, *failures], first_failure_decides=True)
        return result._replace(failures=failures)

    def _counts(self, counts: dict[str, int | None]) -> dict[str, int | None]:
        given = self._given
        unique = len(given.accounts.ids)
        return {"requested": given.requested, "unique": unique, **counts, "invalid": given.invalid}


def _stopped(outcome: Outcome, error: SegcliError) -> SegcliError:
    """The error that ended the run, with how far it had come and how to go on."""
    error.message += f"; {outcome.through + outcome.resumed:,} of {outcome.total:,} accounts were done"
    again = _RESUME if outcome.resumable else _AGAIN
    error.hint = f"{error.hint}; {again}" if error.hint else again
    return error


def some(ids: Sequence[int], count: int) -> str:
    """The first of `count` ids, and how many more there are."""
    shown = ", ".join(map(str, ids[:NAMED]))
    more = count - min(len(ids), NAMED)
    return f"{shown} and {more:,} more" if more > 0 else shown


def _told(failures: Sequence[Failure]) -> list[SegcliError]:
    """An error for each account that was refused, as many as a person reads."""
    told = [
        type(failure.error)(
            f"account {failure.account_id}: {failure.error.message}",
            code=failure.error.code,
            status=failure.error.status,
            correlation_id=failure.error.correlation_id,
        )
        for failure in failures[:NAMED]
    ]
    if len(failures) > NAMED:
        more = f"{len(failures) - NAMED:,} more accounts were refused"
        told.append(SegcliError(more, hint="-o json names them all, and --rejects FILE keeps them"))
    return told


def _result(item: dict[str, Any]) -> Result:
    return Result([item], tuple(Column(name, (name,)) for name in item), "object")
