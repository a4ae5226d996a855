"""A backend as a SOURCE: its segments and, if they are asked for, their memberships."""

from collections.abc import Mapping, Sequence

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.manifest.compare import draft_of, read_segments
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.manifest.matching import Matching, match_accounts
from segcli.model import Segment
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

_MAX_NAMED = 5  # segments that a warning names


def desired_of_backend(
    source: Backend,
    target: Backend,
    terminal: Terminal,
    *,
    accounts: bool,
    matching: Matching | None = None,
) -> Desired:
    """Every segment of `source`, in the order of their codes; with their `accounts`, as it has them now.

    With `matching`, the accounts are those of `target` with the same identifiers. Raises UsageError if the
    two are the same backend, if too few accounts match, or if accounts of one tenant are wanted on another
    without matching.
    """
    if source.place == target.place:
        raise UsageError("the source and the backend are the same")
    if accounts and matching is None and not source.reads_are_local and not target.reads_are_local:
        raise UsageError(
            "--accounts does not work from one tenant to another: their account ids differ",
            hint="match the accounts by an identifier, such as --match email, or leave out --accounts",
        )
    with source.snapshot():
        segments, _ = read_segments(source)
        segments.sort(key=lambda segment: segment.code)
        sets: Mapping[int, AccountSet] = {}
        if accounts:
            with Progress(terminal, "reading members", retries=lambda: source.retries) as progress:
                sets = source.get_memberships([each.id for each in segments], progress.update).of
        if matching is not None:
            return _matched(source, target, terminal, segments, sets, matching)
    return Desired([_desired(segment, sets.get(segment.id)) for segment in segments])


def _matched(
    source: Backend,
    target: Backend,
    terminal: Terminal,
    segments: Sequence[Segment],
    sets: Mapping[int, AccountSet],
    matching: Matching,
) -> Desired:
    """The segments with the accounts of the target.

    Of a segment some of whose accounts have no match, no account is removed: it may be one of those.
    """
    matched = match_accounts(source, target, terminal, AccountSet.union(sets.values()), matching.kind)
    matched.require(matching)
    terminal.info(matched.summary(matching.kind))
    wanted, incomplete = [], []
    for segment in segments:
        missing = matched.missing(sets[segment.id])
        accounts = matched.translated(sets[segment.id])
        wanted.append(_desired(segment, accounts, keeps_others=missing > 0))
        if missing:
            incomplete.append(f"{segment.code} ({missing:,})")
    if not incomplete:
        return Desired(wanted)
    more = len(incomplete) - _MAX_NAMED
    named = ", ".join([*incomplete[:_MAX_NAMED], *([f"{more:,} more"] if more > 0 else [])])
    return Desired(
        wanted, (), [f"no account is removed from segments with accounts that do not match: {named}"]
    )


def _desired(segment: Segment, accounts: AccountSet | None, *, keeps_others: bool = False) -> DesiredSegment:
    draft = draft_of(segment)
    return DesiredSegment(
        segment.code, draft.name, draft.description, accounts=accounts, keeps_others=keeps_others
    )
