"""The report of a change of memberships: the same fields on every backend."""

import time
from collections.abc import Sequence
from typing import Any

from segcli.account_set import MAX_NAMED
from segcli.bulk.outcome import Failure, Outcome
from segcli.errors import SegcliError
from segcli.inputs.source import Given
from segcli.model import Segment
from segcli.operations.summary import summarize
from segcli.result import Result, record

RUN_AGAIN = "run the same command again for the rest"
_RESUME = "run the same command with --resume to send the rest"


def run_again(named: Sequence[str]) -> str:
    """The hint for a run that stopped after it changed segments, of which its expression named some."""
    if not named:
        return RUN_AGAIN
    return f"the expression names {', '.join(named)}: what it contains may have changed; see --dry-run first"


class Report:
    """The report of one change to one segment; its clock starts when it is created.

    The time that reading the accounts took is added; that of a confirmation is not.
    """

    def __init__(self, segment: Segment, given: Given) -> None:
        self._segment = segment
        self._given = given
        self._started = time.monotonic() - given.seconds

    def planned(self, **counts: int | None) -> Result:
        """The report of a dry run: what would be counted."""
        code, counted = self._segment.code, self._counts(counts)
        item = {"id": self._segment.id, "code": code, "dryRun": True, **counted}
        summary = summarize(code, counted, dry_run=True)
        result = record(item)._replace(note=self._given.note, summary=summary)
        return result.with_note("dry run: nothing was changed")

    def done(self, outcome: Outcome, retries: int, again: str = RUN_AGAIN, **counts: int | None) -> Result:
        """The report of a run: what was done, how fast, and each rejected account.

        `again` is the hint if the run was stopped and cannot be resumed.
        Raises the error that stopped the run if nothing was done before it.
        """
        processed = outcome.processed
        if outcome.stopped_by is not None and not (processed or outcome.resumed or outcome.failures):
            raise outcome.stopped_by
        seconds = time.monotonic() - self._started
        counted, failed = self._counts(counts), len(outcome.failures)
        item: dict[str, Any] = {
            "id": self._segment.id,
            "code": self._segment.code,
            **counted,
            "failed": failed,
            "resumed": outcome.resumed,
            "chunks": outcome.chunks,
            "retries": retries,
            "seconds": round(seconds, 3),
            "accountsPerSecond": round(processed / seconds),
        }
        result = record(item)._replace(
            error=stopped(outcome, again),
            failures=reported(outcome.failures),
            note=self._given.note,
            summary=summarize(self._segment.code, counted, failed=failed, resumed=outcome.resumed),
        )
        if outcome.failures:  # after the columns are fixed: a table has no room for them
            item["failures"] = [
                {"accountId": failure.account_id, "reason": failure.error.message}
                for failure in outcome.failures
            ]
        return result

    def _counts(self, counts: dict[str, int | None]) -> dict[str, int | None]:
        given = self._given
        counted = {"requested": given.requested, "unique": len(given.accounts), **counts}
        if given.outcomes is None:
            return {**counted, "invalid": given.invalid}
        from segcli.customer import OUTCOME_MEMBERS

        return {**counted, **{OUTCOME_MEMBERS[name]: count for name, count in given.outcomes.items()}}


def stopped(outcome: Outcome, again: str = RUN_AGAIN) -> SegcliError | None:
    """The error that ended the run, with how far it got and how to continue."""
    if outcome.stopped_by is None:
        return None
    done = outcome.processed + outcome.resumed
    return outcome.stopped_by.with_context(
        after=f"{done:,} of {outcome.total:,} accounts were done",
        hint=_RESUME if outcome.resumable else again,
    )


def _named(failure: Failure) -> SegcliError:
    """The error of an account, whose message names the account."""
    account = f"account {failure.account_id}"
    named = failure.error.message.startswith(f"{account} ")
    return failure.error.with_context(before=None if named else account)


def reported(failures: Sequence[Failure]) -> list[SegcliError]:
    """An error for each rejected account, up to a number that people read."""
    errors: list[SegcliError] = list(map(_named, failures[:MAX_NAMED]))
    if len(failures) > MAX_NAMED:
        more = f"{len(failures) - MAX_NAMED:,} more accounts were rejected"
        errors.append(SegcliError(more, hint="-o json lists all of them; --rejects FILE saves them"))
    return errors
