"""A plan as lines for people: `+` added, `~` changed, `-` deleted, then a summary."""

from collections.abc import Mapping, Sequence

from segcli.account_set import NO_ACCOUNTS, AccountSet, name_some
from segcli.manifest.plan import Action, Change, Checked, Plan

_MOST = 50  # changes that are listed; of more, only the first
_SHORT = 40  # characters of a value
_MINUS = "\N{MINUS SIGN}"
_MARKS: dict[Action, str] = {"add": "+", "update": "~", "delete": "-"}
_VERBS: dict[Action, str] = {"add": "add", "update": "change", "delete": "delete"}
_DONE: dict[Action, str] = {"add": "added", "update": "changed", "delete": "deleted"}


def plan_lines(plan: Plan, *, samples: bool) -> list[str]:
    """A line for each change, up to a number that people read; with `samples`, some of the accounts too."""
    changes = plan.effective
    shown = changes[:_MOST]
    lines = [line for change in shown for line in _lines(change, samples)]
    if len(changes) > len(shown):
        rest = [change.action for change in changes[_MOST:]]
        counts: dict[str, int] = {action: rest.count(action) for action in _VERBS}
        lines.append(f"... and {_listed(counts, _VERBS)} more; -o tsv lists everything")
    return [*lines, summary_line(plan.summary())]


def summary_line(counts: Mapping[str, int], *, done: bool = False) -> str:
    """The counts of a plan, or of what was done, as a sentence."""
    segments = sum(counts[action] for action in _VERBS)
    unchanged = f"{counts['none']:,} unchanged"
    if not segments and not counts["joined"] and not counts["left"]:
        nothing = "Nothing was changed" if done else "No changes"
        return f"{nothing}: {unchanged}." if counts["none"] else f"{nothing}."
    what = _listed(counts, _DONE if done else _VERBS)
    head = f"{what[:1].upper()}{what[1:]}" if done else f"Plan: {what}"
    accounts = _accounts(counts["joined"], counts["left"])
    return f"{head}; accounts {accounts}; {unchanged}." if accounts else f"{head}; {unchanged}."


def failures_line(plan: Plan) -> str | None:
    """The checks that would fail, as a sentence without its end; None if all of them hold."""
    failed = plan.failed_checks
    if not failed:
        return None
    listed = "; ".join(map(_described, failed[:_MOST]))
    return f"{len(failed):,} of {len(plan.checks):,} checks would fail: {listed}"


def _described(check: Checked) -> str:
    """An assertion, with the numbers that it compared."""
    numbers = f"{check.accounts:,}" if check.whole is None else f"{check.accounts:,} of {check.whole:,}"
    return f"{check.assertion.text} ({numbers} {'account' if numbers == '1' else 'accounts'})"


def _lines(change: Change, samples: bool) -> list[str]:
    parts = []
    if change.renamed_from is not None:
        parts.append(f"was {change.renamed_from}")
    for name, (old, new) in change.fields.items():
        if name == "code" or change.action == "delete":
            continue
        before = "" if change.action == "add" else f"{_value(old)} → "
        parts.append(f"{name} {before}{_value(new)}")
    accounts = _accounts(len(change.joined or ()), len(change.left or ()))
    if accounts:
        parts.append(f"accounts {accounts}")
    head = f"{_MARKS[change.action]} {change.code}"
    lines = [f"{head}: {'; '.join(parts)}" if parts else head]
    if samples:
        lines += [f"    {sign} {name_some(some)}" for sign, some in _signed(change) if some]
    return lines


def _signed(change: Change) -> Sequence[tuple[str, AccountSet]]:
    return ("+", change.joined or NO_ACCOUNTS), (_MINUS, change.left or NO_ACCOUNTS)


def _accounts(joined: int, left: int) -> str:
    return " ".join([f"+{joined:,}"] * bool(joined) + [f"{_MINUS}{left:,}"] * bool(left))


def _value(text: str | None) -> str:
    if text is None:
        return "none"
    return f"'{text}'" if len(text) <= _SHORT else f"'{text[: _SHORT - 1]}…'"


def _listed(counts: Mapping[str, int], verbs: Mapping[Action, str]) -> str:
    """The counts as prose: `add 3 segments, change 1 and delete 2`."""
    found = [(verbs[action], counts[action]) for action in verbs if counts[action]]
    texts = [f"{verb} {count:,}" for verb, count in found]
    if not texts:
        return f"{verbs['update']} 0 segments"
    texts[0] += " segment" if found[0][1] == 1 else " segments"
    return ", ".join(texts[:-1]) + f" and {texts[-1]}" if len(texts) > 1 else texts[0]
