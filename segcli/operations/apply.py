"""Makes a backend match a SOURCE: shows the plan, asks, and carries it out."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from segcli.backends.base import Backend, all_or_nothing
from segcli.errors import ConflictError, StoreError, UsageError
from segcli.manifest.execute import Applied, Execution
from segcli.manifest.limits import Limits, named
from segcli.manifest.plan import Plan
from segcli.manifest.plan_lines import failures_line, plan_lines, summary_line
from segcli.manifest.steps import duration, forecast
from segcli.model import STDIN
from segcli.operations.apply_source import OpenSource, SourceOptions, planner, require_plain
from segcli.operations.check import item_of
from segcli.result import Column, Json, Result, columns_of
from segcli.terminal.streams import Terminal

_COLUMNS = (
    *columns_of(("code", "action", "renamedFrom")),
    Column("joined", ("accounts", "joined")),
    Column("left", ("accounts", "left")),
    Column("fields", ("fields",)),
)
_MAX_NAMED = 20  # segments to be deleted that the confirmation names; more are only counted
_UNCHANGED = "nothing was changed"


class ApplyOptions(NamedTuple):
    """How a plan is applied; `rps` is the rate limit in requests per second, for the forecast."""

    dry_run: bool = False
    yes: bool = False
    save_plan: str | None = None
    max_remove: str | None = None
    max_delete: int | None = None
    max_requests: int | None = None
    rps: float | None = None


def diff(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: OpenSource,
    options: SourceOptions,
    *,
    exit_code: bool,
    samples: bool,
) -> Result:
    """What `apply` would do; with `exit_code`, differences make the exit code 10.

    A saved plan is shown as it is, without its backend. Raises what `plan_for` raises.
    """
    from segcli.manifest.saved_plan import is_saved_plan, load_plan

    if source != STDIN and is_saved_plan(source):
        require_plain(options)
        plan = load_plan(source).as_plan()
    else:
        plan = planner(backend, terminal, source, open_source, options)()
    _warn(plan, terminal)
    result = _planned(plan, samples)._replace(note=failures_line(plan))
    return result._replace(answer=not (exit_code and plan.effective))


def apply(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: OpenSource,
    source_options: SourceOptions,
    options: ApplyOptions,
    *,
    samples: bool,
) -> Result:
    """Makes the backend match the SOURCE, after a confirmation of the plan.

    On a store everything is one transaction, in which the plan is made again. Raises UsageError,
    ConflictError if what the plan is about changed meanwhile, and what the backend raises.
    """
    limits = Limits(options.max_remove, options.max_delete, unattended=not terminal.can_prompt)
    if not options.dry_run:
        terminal.require_yes(options.yes, f"apply {source}")
    with ExitStack() as stack:
        if not options.dry_run and not backend.atomic:
            from segcli.manifest.locks import one_at_a_time

            stack.enter_context(one_at_a_time(backend.place))
        decide = planner(backend, terminal, source, open_source, source_options)
        try:
            plan = decide()
        except StoreError as error:
            raise error.with_context(after=_UNCHANGED) from error
        _warn(plan, terminal)
        if options.save_plan is not None:
            from segcli.manifest.saved_plan import save_plan

            save_plan(plan, options.save_plan)
            terminal.info(f"saved the plan to {options.save_plan}")
        if options.dry_run:
            planned = _planned(plan, samples)._replace(note=f"dry run: {_UNCHANGED}")
            return _refused(plan, samples) or planned
        limits.require(plan)
        if (refused := _refused(plan, samples)) is not None:
            return refused
        if not plan.effective:
            return _done(plan, Applied(plan.summary()["none"]))
        shown = plan_lines(plan, samples=samples)
        if not options.yes:
            terminal.show_changes(shown)
        _forecast(plan, terminal, options)
        if not options.yes:
            terminal.confirm(_question(plan), yes=False)
            shown = []  # once is enough
        if not backend.atomic:
            return _done(plan, Execution(backend, terminal, plan).in_requests(), shown[:-1])
        with all_or_nothing(backend):
            backend.lock_segments([each.base.segment_id for each in plan.changes if each.base])
            again = decide()
            if not options.yes and again.changes != plan.changes:
                raise ConflictError(
                    f"the backend changed during the confirmation; {_UNCHANGED}",
                    hint="run the command again",
                )
            limits.require(again)
            if (refused := _refused(again, samples)) is not None:
                return refused
            applied = Execution(backend, terminal, again).in_transaction()
        return _done(again, applied, shown[:-1])


def _warn(plan: Plan, terminal: Terminal) -> None:
    for warning in plan.warnings:
        terminal.info(f"warning: {warning}")


def _forecast(plan: Plan, terminal: Terminal, options: ApplyOptions) -> None:
    """Prints how many requests the plan takes. Raises UsageError if that is more than the limit."""
    if plan.atomic:
        return
    expected = forecast(plan)
    if options.max_requests is not None and expected.requests > options.max_requests:
        raise UsageError(
            f"the plan takes {expected.requests:,} requests, more than --max-requests allows; {_UNCHANGED}",
            hint="raise --max-requests, or apply a part of the source",
        )
    seconds = duration(expected.seconds(plan.latency, options.rps))
    noun = "request" if expected.requests == 1 else "requests"
    terminal.info(
        f"{expected.requests:,} {noun}, {seconds}:"
        f" {expected.compared:,} to compare, {expected.written:,} to change"
    )


def _question(plan: Plan) -> str:
    """What will be done; everything that is deleted is named."""
    counts = plan.summary()
    verbs = {"add": "add", "update": "change"}
    kept = [f"{verb} {counts[action]:,}" for action, verb in verbs.items() if counts[action]]
    deleted = plan.having("delete")
    if deleted:
        kept.append(f"delete {named(deleted, _MAX_NAMED)}")
    text = ", ".join(kept[:-1]) + f" and {kept[-1]}" if len(kept) > 1 else kept[0]
    if not deleted:
        text += " segment" if text.endswith(" 1") else " segments"
    return f"{text[:1].upper()}{text[1:]}?"


def _refused(plan: Plan, samples: bool) -> Result | None:
    """The result of a run whose checks would fail; None if all of them hold."""
    failures = failures_line(plan)
    if failures is None:
        return None
    return _planned(plan, samples)._replace(note=f"{failures}; {_UNCHANGED}", answer=False)


def _planned(plan: Plan, samples: bool) -> Result:
    return _result(plan, plan.summary())._replace(changes=plan_lines(plan, samples=samples))


def _done(plan: Plan, applied: Applied, shown: Sequence[str] = ()) -> Result:
    """What a run did; people see the lines `shown`, and a summary."""
    rejected = [
        {"code": each.code, "accountId": each.account_id, "reason": each.error.message}
        for each in applied.rejected
    ]
    return _result(plan, applied.counts, rejected)._replace(
        error=applied.error,
        failures=applied.failures,
        changes=[*shown, summary_line(applied.counts, done=True)],
    )


def _result(plan: Plan, counts: dict[str, int], rejected: list[Json] | None = None) -> Result:
    requests = 0 if plan.atomic else forecast(plan).requests
    checks = [item_of(*each) for each in plan.checks]

    def tail() -> dict[str, Any]:
        more = {} if rejected is None else {"rejected": rejected}
        return {
            "summary": counts,
            "requests": requests,
            "checks": checks,
            "warnings": list(plan.warnings),
            **more,
        }

    return Result((change.to_json() for change in plan.changes), _COLUMNS, "collection", tail=tail)
