"""Which segments a SOURCE renames: by `was`, the code that a segment may have had until now."""

from collections.abc import Collection, Mapping, Sequence

from segcli.errors import ConflictError, UsageError
from segcli.manifest.desired import DesiredSegment
from segcli.manifest.document import Definition


def present_codes(
    segments: Sequence[DesiredSegment | Definition], existing: Collection[str]
) -> dict[str, str]:
    """The code that each segment of the SOURCE has now, by the one it will have; new ones are not in it.

    Raises what `renames` raises.
    """
    renamed = renames(segments, existing)
    given_up = set(renamed.values())
    codes = {each.code: each.code for each in segments if each.code in existing and each.code not in given_up}
    return codes | renamed


def renames(segments: Sequence[DesiredSegment | Definition], existing: Collection[str]) -> dict[str, str]:
    """The old code of each segment that is to be renamed, by its new one, in an order that works.

    In a chain (B was A, C was B), a code is free before another segment gets it. Nothing is renamed if the
    old code does not exist, or if both exist and the SOURCE has an entry for each. Raises UsageError for
    renames that form a cycle, or for two segments that had the same code; ConflictError if both codes exist
    and the SOURCE only has the new one.
    """
    entries = {each.code: each for each in segments}
    heirs: dict[str, str] = {}  # the new code, by the old one
    for each in segments:
        if each.was is None or each.absent:
            continue
        if each.was in heirs:
            raise UsageError(
                f"{heirs[each.was]} and {each.code} cannot both be renamed from {each.was}",
                hint="keep one of the two 'was'",
            )
        heirs[each.was] = each.code
    _require_no_cycle(heirs)
    found: dict[str, str] = {}
    for old in _ends_first(heirs):
        new = heirs[old]
        if old not in existing:
            continue
        if new not in existing or new in found.values():
            found[new] = old
        elif old not in entries:
            raise ConflictError(
                f"{old} cannot be renamed to {new}: both codes exist; nothing was changed",
                hint=f"if both are wanted, add {old} to the source; if not, add {old} with absent: true",
            )
    return found


def _ends_first(heirs: Mapping[str, str]) -> list[str]:
    """The old codes; if a segment is to get a code that another one gives up, the other one comes first."""
    ordered: dict[str, None] = {}
    for start in heirs:
        chain = []
        old = start
        while old in heirs and old not in ordered:
            chain.append(old)
            old = heirs[old]
        ordered |= dict.fromkeys(reversed(chain))
    return list(ordered)


def _require_no_cycle(heirs: Mapping[str, str]) -> None:
    done: set[str] = set()
    for start in heirs:
        chain: list[str] = []
        code = start
        while code in heirs and code not in done:
            done.add(code)
            chain.append(code)
            code = heirs[code]
        if code in chain:
            cycle = chain[chain.index(code) :]
            named = ", ".join(f"{heirs[old]} was {old}" for old in cycle)
            raise UsageError(
                f"renames cannot form a cycle: {named}",
                hint="a second run would rename them again; use a third code, in two steps",
            )
