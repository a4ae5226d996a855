"""What a change of memberships did, as a sentence for people."""

from collections.abc import Mapping

Counts = Mapping[str, int | None]  # the fields of the report

_UNCLEAR = {"notFound": "not found", "ambiguous": "ambiguous", "conflict": "in conflict"}


def summarize(code: str, counts: Counts, *, dry_run: bool = False, failed: int = 0, resumed: int = 0) -> str:
    """The sentence. A tenant does not know the `alreadyMembers`: nothing is then called added."""
    parts = _parts(code, counts, dry_run)
    if resumed:
        parts.append(f"{resumed:,} {_were(resumed)} done before")
    if failed:
        parts.append(f"{failed:,} failed")
    invalid = counts.get("invalid") or 0
    if invalid:
        parts.append(f"{invalid:,} invalid {'value' if invalid == 1 else 'values'} skipped")
    unclear = [f"{counts[field]:,} {text}" for field, text in _UNCLEAR.items() if counts.get(field)]
    if unclear:
        parts.append(f"rows skipped: {', '.join(unclear)}")
    return f"{'; '.join(parts)}."


def _parts(code: str, counts: Counts, dry_run: bool) -> list[str]:
    added, removed = counts.get("added") or 0, counts.get("removed") or 0
    if "unchanged" in counts:
        verb = f"Would set {code}: add" if dry_run else f"Set {code}: added"
        other = "remove" if dry_run else "removed"
        return [f"{verb} {added:,}, {other} {removed:,}, {counts['unchanged'] or 0:,} unchanged"]
    if "removed" in counts:
        verb = "Would remove" if dry_run else "Removed"
        others = counts.get("notMembers") or 0
        text = f"{others:,} {_are(others, dry_run)} not {'a member' if others == 1 else 'members'}"
        return [f"{verb} {_accounts(removed)} from {code}", *([text] if others else [])]
    members = counts.get("alreadyMembers")
    if members is None:
        return [f"Sent {_accounts(added)} to {code}", "the tenant does not say how many were already members"]
    verb = "Would add" if dry_run else "Added"
    text = f"{members:,} {_are(members, dry_run)} already {'a member' if members == 1 else 'members'}"
    return [f"{verb} {_accounts(added)} to {code}", *([text] if members else [])]


def _accounts(count: int) -> str:
    return f"{count:,} {'account' if count == 1 else 'accounts'}"


def _are(count: int, dry_run: bool) -> str:
    if dry_run:
        return "is" if count == 1 else "are"
    return _were(count)


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
