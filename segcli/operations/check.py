"""Checks assertions about how many accounts expressions have."""

from collections.abc import Sequence
from typing import Any

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.expressions.assertions import Assertion, parse_assertion
from segcli.operations.evaluation import accounts_of
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

_COLUMNS = columns_of(("assertion", "accounts", "limit", "whole", "holds"))


def check(backend: Backend, terminal: Terminal, texts: Sequence[str], manifest: str | None = None) -> Result:
    """An item for each assertion, then for each of a manifest; exit 10 if one does not hold.

    All of them are parsed before anything is read, and evaluated on one state. Raises UsageError,
    NotFoundError.
    """
    assertions = [parse_assertion(text) for text in texts]
    if manifest is not None:
        from segcli.manifest.source import read_checks

        assertions += read_checks(manifest)
        if not assertions:
            return Result((), _COLUMNS, note=f"nothing to check: {manifest} contains no checks")
    elif not assertions:
        raise UsageError("nothing to check", hint="pass an assertion, or --manifest FILE")
    expressions = [expression for assertion in assertions for expression in assertion.expressions]
    counts = map(len, accounts_of(backend, terminal, expressions))
    items = []
    for assertion in assertions:
        accounts, *whole = (next(counts) for _ in assertion.expressions)
        items.append(item_of(assertion, accounts, *whole))
    failed = sum(not item["holds"] for item in items)
    if not failed:
        return Result(items, _COLUMNS)
    verb = "does" if failed == 1 else "do"
    note = f"{failed:,} of {len(items):,} assertions {verb} not hold"
    return Result(items, _COLUMNS, note=note, answer=False)


def item_of(assertion: Assertion, accounts: int, whole: int | None = None) -> dict[str, Any]:
    """The assertion with the numbers that it compares."""
    limit: int | float = assertion.number
    if assertion.percent is not None and whole is not None:
        part, rest = divmod(whole * assertion.percent.numerator, assertion.percent.denominator)
        limit = part + rest / assertion.percent.denominator if rest else part
    return {
        "assertion": assertion.text,
        "accounts": accounts,
        "limit": limit,
        "whole": whole,
        "holds": assertion.holds(accounts, whole or 0),
    }
